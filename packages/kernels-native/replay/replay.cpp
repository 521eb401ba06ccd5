// Replays recorded kernel calls (record-kernel-calls.ts) on one instruction set and compares every output:
//     replay FILE INSTRUCTION_SET
// Prints one line for each kernel that differs, then the counts. Exit code 0 when all agree.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <string>
#include <tuple>
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

enum Kind : uint8_t { NONE = 0, NUMBER = 1, INPUT = 2, OUTPUT = 3 };

struct Value {
  Kind kind;
  double number;
  std::vector<uint8_t> bytes;
};

template <typename T>
struct Convert {
  static T from(Value& value) { return static_cast<T>(value.number); }
};
template <typename T>
struct Convert<T*> {
  static T* from(Value& value) {
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

// Products may add in any order (docs/numerics.md, rule 9): compared as f32, relative to the largest output.
bool is_product(const std::string& name) {
  return name == "matmul" || (name.size() > 9 && name.compare(name.size() - 9, 9, "_multiply") == 0);
}

bool agree(const std::string& name, const std::vector<uint8_t>& actual, const std::vector<uint8_t>& wanted) {
  if (actual == wanted) return true;
  if (!is_product(name) || actual.size() != wanted.size() || actual.size() % 4 != 0) return false;
  std::vector<float> a(actual.size() / 4), w(wanted.size() / 4);
  memcpy(a.data(), actual.data(), actual.size());
  memcpy(w.data(), wanted.data(), wanted.size());
  float largest = 0;
  for (float value : w) largest = fmaxf(largest, fabsf(value));
  for (size_t i = 0; i < a.size(); i++)
    if (!(fabsf(a[i] - w[i]) <= 1e-5f * largest)) return false;
  return true;
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
    std::vector<Value> values(reader.number<uint32_t>());
    for (Value& value : values) {
      value.kind = reader.number<Kind>();
      value.number = value.kind == NUMBER ? reader.number<double>() : 0;
      if (value.kind == INPUT || value.kind == OUTPUT) value.bytes = reader.block();
    }
    bool known;
    const double wanted = reader.number<double>();
    const double result = call(*table, name, values, &known);
    bool same = known && result == wanted;
    for (const Value& value : values)
      if (value.kind == OUTPUT) same = agree(name, value.bytes, reader.block()) && same;
    calls++;
    if (same) continue;
    different++;
    if (name != last) printf("%s: %s differs\n", isa, name.c_str());
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
