// Replays recorded kernel calls (record-kernel-calls.ts) on one instruction set and compares every output:
//     replay FILE INSTRUCTION_SET
// Prints one line for each kernel that differs, with its first difference, then the counts. Exit code 0 when all agree.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "dispatch/instruction_sets.h"

namespace lowbit {
namespace {

struct Reader {
  const std::vector<uint8_t>& bytes;
  size_t at;

  template <typename T>
  T number() {
    T value;
    memcpy(&value, &bytes.at(at + sizeof value - 1) - (sizeof value - 1), sizeof value);
    at += sizeof value;
    return value;
  }
  std::vector<uint8_t> block() {
    const uint32_t length = number<uint32_t>();
    std::vector<uint8_t> copy(bytes.begin() + (long)at, bytes.begin() + (long)(at + length));
    at += length;
    return copy;
  }
};

enum Kind : uint8_t { NONE = 0, NUMBER = 1, INPUT = 2, OUTPUT = 3, PACKED = 4 };

enum Element : uint8_t { BYTES, F32, F64 };

struct Value {
  Kind kind;
  double number;
  std::vector<uint8_t> bytes;
  Element element;  // by the type of the kernel's parameter
};

template <typename T>
struct Convert {
  static T from(Value& value) { return static_cast<T>(value.number); }
};
template <typename T>
struct Convert<T*> {
  static T* from(Value& value) {
    value.element = std::is_same_v<T, float> ? F32 : std::is_same_v<T, double> ? F64 : BYTES;
    return value.kind == NONE ? nullptr : reinterpret_cast<T*>(value.bytes.data());
  }
};

template <typename Result, typename... Parameters, size_t... I>
double invoke(Result (*kernel)(Parameters...), std::vector<Value>& values, std::index_sequence<I...>) {
  if (values.size() != sizeof...(Parameters)) return NAN;
  if constexpr (std::is_void_v<Result>) {
    kernel(Convert<Parameters>::from(values[I])...);
    return 0;
  } else {
    return static_cast<double>(kernel(Convert<Parameters>::from(values[I])...));
  }
}

template <typename Result, typename... Parameters>
double invoke(Result (*kernel)(Parameters...), std::vector<Value>& values) {
  return invoke(kernel, values, std::index_sequence_for<Parameters...>());
}

double call(const KernelTable& table, const std::string& name, std::vector<Value>& values, bool* known) {
  *known = true;
#define KERNEL(kernel) \
  if (name == #kernel) return invoke(table.kernel, values);
#define KERNEL_SPLIT(kernel) KERNEL(kernel)
#include "kernels.inc"
#undef KERNEL_SPLIT
#undef KERNEL
  *known = false;
  return 0;
}

Value read_value(Reader& reader, const KernelTable& table);

std::vector<Value> read_values(Reader& reader, const KernelTable& table) {
  std::vector<Value> values(reader.number<uint32_t>());
  for (Value& value : values) value = read_value(reader, table);
  return values;
}

// Panels are as wide as suits an instruction set, so an operand that matmul_pack made is made again with this one.
Value read_value(Reader& reader, const KernelTable& table) {
  Value value = {reader.number<Kind>(), 0, {}, BYTES};
  if (value.kind == NUMBER) value.number = reader.number<double>();
  if (value.kind == INPUT || value.kind == OUTPUT) value.bytes = reader.block();
  if (value.kind == PACKED) {
    std::vector<Value> values = read_values(reader, table);
    invoke(table.matmul_pack, values);
    value.bytes = values.back().bytes;
  }
  return value;
}

// Rows of a panel: how far apart two steps of one row lie.
int32_t panel_width(const KernelTable& table, bool is_left) {
  const int32_t rows = is_left ? LOWBIT_PANEL_ROWS : LOWBIT_PANEL_COLUMNS;
  std::vector<float> source(2 * (size_t)rows, 0.0f), packed(2 * (size_t)rows, 0.0f);
  source[1] = 1;
  table.matmul_pack(0, 1, source.data(), 2, 1, rows, 2, is_left, packed.data());
  return (int32_t)(std::find(packed.begin(), packed.end(), 1.0f) - packed.begin());
}

// Whether panels hold the bits of their source, and zeros for rows that are missing.
bool is_packed(const KernelTable& table, const std::vector<Value>& values, std::string* difference) {
  const int32_t rows = (int32_t)values[5].number, depth = (int32_t)values[6].number;
  const int32_t width = panel_width(table, values[7].number != 0);
  for (int32_t row = 0; row < (rows + width - 1) / width * width; row++)
    for (int32_t step = 0; step < depth; step++) {
      const int64_t from = (int64_t)row * (int64_t)values[3].number + (int64_t)step * (int64_t)values[4].number;
      const int64_t to = (int64_t)(row / width) * width * depth + (int64_t)step * width + row % width;
      uint32_t wanted = 0, found;
      if (row < rows) memcpy(&wanted, values[2].bytes.data() + 4 * from, 4);
      memcpy(&found, values[8].bytes.data() + 4 * to, 4);
      if (found == wanted) continue;
      *difference = "at row " + std::to_string(row) + ", step " + std::to_string(step);
      return false;
    }
  return true;
}

// What a difference is relative to: the largest finite number of the output where numbers are sums of many, else each
// number, or 1 where it is smaller.
enum Scale { OF_OUTPUT, OF_NUMBER };

// The kernels whose f32 and f64 outputs may differ (docs/numerics.md, rule 9), with the tolerances of the conformance suite
// (kernels-conformance/src/tolerances.ts); 0 allows for the sign and payload of a NaN that an addition makes, no more.
// Integer outputs, and every output of a kernel that is not listed here, have equal bytes: fits, decodes, products with
// int8, planes and rows that are only moved.
struct Tolerance {
  const char* kernel;
  double relative;
  Scale scale;
  bool has_scratch;  // the last output is working memory, which holds nothing for the caller
};

const Tolerance TOLERANCES[] = {
    {"affine_multiply", 1e-5, OF_OUTPUT, false},
    {"ternary_multiply", 1e-5, OF_OUTPUT, false},
    {"sign_multiply", 1e-5, OF_OUTPUT, false},
    {"codebook_multiply", 1e-5, OF_OUTPUT, false},
    {"dense_multiply", 1e-5, OF_OUTPUT, false},
    {"sparse_multiply", 1e-5, OF_OUTPUT, false},
    {"matmul_rows", 1e-5, OF_OUTPUT, false},
    {"matmul_columns", 1e-5, OF_OUTPUT, false},
    {"matmul_few", 1e-5, OF_OUTPUT, false},
    {"gram_accumulate", 1e-5, OF_OUTPUT, false},
    {"inverse_factor_diagonal", 1e-5, OF_OUTPUT, false},
    {"attention", 1e-5, OF_OUTPUT, false},
    {"attention_few", 1e-5, OF_OUTPUT, false},
    {"attention_join", 1e-5, OF_OUTPUT, false},
    {"attention_gradient", 1e-5, OF_OUTPUT, true},
    {"rms_norm_gradient", 1e-6, OF_NUMBER, false},
    {"layer_norm_gradient", 1e-6, OF_NUMBER, false},
    {"cross_entropy", 1e-6, OF_NUMBER, false},
    {"cross_entropy_gradient", 1e-6, OF_NUMBER, false},
    {"divergence", 1e-12, OF_NUMBER, false},
    {"rms_norm", 0, OF_NUMBER, false},
    {"layer_norm", 0, OF_NUMBER, false},
    {"norm_weight_gradient", 0, OF_NUMBER, false},
    {"rotary_embedding", 0, OF_NUMBER, false},
    {"activation", 0, OF_NUMBER, false},
    {"gated_activation", 0, OF_NUMBER, false},
    {"activation_gradient", 0, OF_NUMBER, false},
    {"gated_activation_gradient", 0, OF_NUMBER, false},
    {"add_column_sums", 0, OF_NUMBER, false},
    {"add_to", 0, OF_NUMBER, false},
    {"add_bias", 0, OF_NUMBER, false},
    {"scatter_rows", 0, OF_NUMBER, false},
};

// Kernels that hand each other panels whose layout follows the registers of the build (double_panels.h): what was recorded
// elsewhere means nothing here. They run, and what they write is not compared.
bool has_own_layout(const std::string& name) {
  return name == "inverse_factor_panel" || name == "inverse_factor_update";
}

const Tolerance* tolerance_of(const std::string& name) {
  for (const Tolerance& tolerance : TOLERANCES)
    if (name == tolerance.kernel) return &tolerance;
  return nullptr;
}

template <typename T>
bool close(const std::vector<uint8_t>& actual, const std::vector<uint8_t>& wanted, const Tolerance& tolerance,
           std::string* difference) {
  std::vector<T> a(actual.size() / sizeof(T)), w(wanted.size() / sizeof(T));
  memcpy(a.data(), actual.data(), actual.size());
  memcpy(w.data(), wanted.data(), wanted.size());
  double largest = 0;
  for (T value : w)
    if (isfinite(value)) largest = fmax(largest, fabs((double)value));
  for (size_t i = 0; i < a.size(); i++) {
    if ((a[i] == w[i] && !signbit(a[i]) == !signbit(w[i])) || (isnan(a[i]) && isnan(w[i]))) continue;
    const double size = tolerance.scale == OF_OUTPUT ? largest : fmax(1, fabs((double)w[i]));
    // An infinite difference is within nothing: infinities have to agree.
    const double distance = fabs((double)a[i] - (double)w[i]);
    if (tolerance.relative > 0 && isfinite(distance) && distance <= tolerance.relative * size) continue;
    char text[160];
    snprintf(text, sizeof text, "[%zu] is %.9g, not %.9g, of a size of %.3g", i, (double)a[i], (double)w[i], size);
    *difference = text;
    return false;
  }
  return true;
}

bool agree(const std::string& name, const Value& value, const std::vector<uint8_t>& wanted, bool is_last,
           std::string* difference) {
  if (value.bytes == wanted || has_own_layout(name)) return true;
  const Tolerance* tolerance = tolerance_of(name);
  if (value.bytes.size() == wanted.size() && tolerance != nullptr) {
    if (tolerance->has_scratch && is_last) return true;
    if (value.element == F32) return close<float>(value.bytes, wanted, *tolerance, difference);
    if (value.element == F64) return close<double>(value.bytes, wanted, *tolerance, difference);
  }
  size_t at = 0;
  while (at < wanted.size() && at < value.bytes.size() && value.bytes[at] == wanted[at]) at++;
  *difference = "byte " + std::to_string(at) + " of " + std::to_string(wanted.size());
  return false;
}

int replay(const char* path, const char* isa) {
  int count;
  const InstructionSet* sets = instruction_sets(&count);
  const KernelTable* table = nullptr;
  for (int i = 0; i < count; i++)
    if (sets[i].runs && strcmp(sets[i].name, isa) == 0) table = sets[i].table;
  if (table == nullptr) return fprintf(stderr, "%s does not run here\n", isa), 2;

  std::vector<uint8_t> bytes;
  FILE* file = fopen(path, "rb");
  if (file == nullptr) return fprintf(stderr, "cannot open %s\n", path), 2;
  uint8_t part[1 << 16];
  for (size_t length; (length = fread(part, 1, sizeof part, file)) > 0;) bytes.insert(bytes.end(), part, part + length);
  fclose(file);

  int calls = 0, different = 0;
  std::string last;
  for (Reader reader{bytes, 0}; reader.at < bytes.size();) {
    const std::vector<uint8_t> raw = reader.block();
    const std::string name(raw.begin(), raw.end());
    std::vector<Value> values = read_values(reader, *table);
    bool known;
    const double wanted = reader.number<double>();
    const double result = call(*table, name, values, &known);
    std::string difference = known ? "the result" : "no such kernel";
    bool same = known && result == wanted;
    for (size_t i = 0; i < values.size(); i++) {
      if (values[i].kind != OUTPUT) continue;
      const std::vector<uint8_t> bytes = reader.block();
      std::string found;
      if (name == "matmul_pack" ? is_packed(*table, values, &found) : agree(name, values[i], bytes, i + 1 == values.size(), &found)) continue;
      difference = "argument " + std::to_string(i) + " " + found;
      same = false;
    }
    calls++;
    if (same) continue;
    different++;
    if (name != last) printf("%s: %s differs: %s\n", isa, name.c_str(), difference.c_str());
    last = name;
  }
  printf("%s: %d calls, %d different\n", isa, calls, different);
  return calls > 0 && different == 0 ? 0 : 1;
}

}  // namespace
}  // namespace lowbit

int main(int argc, char** argv) {
  if (argc != 3) return fprintf(stderr, "replay FILE INSTRUCTION_SET\n"), 2;
  return lowbit::replay(argv[1], argv[2]);
}
