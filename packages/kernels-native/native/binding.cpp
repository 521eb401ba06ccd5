// The Node-API module: lists the instruction sets of this build and opens a backend on one of them.
#define NAPI_VERSION 8
#include <node_api.h>
#include <string.h>

#include <vector>

#include "dispatch/instruction_sets.h"
#include "typed_call.h"

namespace lowbit {
namespace {

// Every backend opened in one JavaScript thread; freed when the thread ends.
typedef std::vector<Context*> Contexts;

void free_contexts(napi_env, void* data, void*) {
  Contexts* contexts = static_cast<Contexts*>(data);
  for (Context* context : *contexts) {
    delete context->pool;
    delete context;
  }
  delete contexts;
}

void set_string(napi_env env, napi_value object, const char* key, const char* text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, key, value);
}

#define KERNEL(name)                                                                                               \
  napi_value call_##name(napi_env env, napi_callback_info info) {                                                  \
    return TypedCall<decltype(&KernelTable::name)>::call(env, info, &KernelTable::name, false, #name);             \
  }
#define KERNEL_SPLIT(name)                                                                                         \
  static_assert(TypedCall<decltype(&KernelTable::name)>::can_split(),                                              \
                "KERNEL_SPLIT(" #name ") must start with int32_t row_begin, row_end and return void or int32_t");  \
  napi_value call_##name(napi_env env, napi_callback_info info) {                                                  \
    return TypedCall<decltype(&KernelTable::name)>::call(env, info, &KernelTable::name, true, #name);              \
  }
#include "kernels.inc"
#undef KERNEL_SPLIT
#undef KERNEL

napi_value close_backend(napi_env env, napi_callback_info info) {
  void* data;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  Context* context = static_cast<Context*>(data);
  delete context->pool;
  context->pool = nullptr;
  return nullptr;
}

// instructionSets(): { name, needs, runs }[], best first.
napi_value list_instruction_sets(napi_env env, napi_callback_info) {
  int count;
  const InstructionSet* sets = instruction_sets(&count);
  napi_value list;
  napi_create_array(env, &list);
  for (int i = 0; i < count; i++) {
    napi_value entry, runs;
    napi_create_object(env, &entry);
    set_string(env, entry, "name", sets[i].name);
    set_string(env, entry, "needs", sets[i].needs);
    napi_get_boolean(env, sets[i].runs, &runs);
    napi_set_named_property(env, entry, "runs", runs);
    napi_set_element(env, list, (uint32_t)i, entry);
  }
  return list;
}

// open(instructionSet, threads): { kernels, threads, close }. Refuses an instruction set that this CPU lacks.
napi_value open_backend(napi_env env, napi_callback_info info) {
  napi_value given[2];
  size_t found = 2;
  napi_get_cb_info(env, info, &found, given, nullptr, nullptr);
  char name[32] = "";
  int32_t threads = 0;
  size_t length;
  napi_get_value_string_utf8(env, given[0], name, sizeof name, &length);
  napi_get_value_int32(env, given[1], &threads);
  int count;
  const InstructionSet* sets = instruction_sets(&count);
  const KernelTable* table = nullptr;
  for (int i = 0; i < count; i++)
    if (sets[i].runs && strcmp(sets[i].name, name) == 0) table = sets[i].table;
  if (table == nullptr || threads < 1) {
    napi_throw_error(env, nullptr, "no such instruction set here, or fewer than one thread");
    return nullptr;
  }
  void* contexts;
  napi_get_instance_data(env, &contexts);
  Context* context = new Context{table, new ThreadPool(threads)};
  static_cast<Contexts*>(contexts)->push_back(context);

  napi_value backend, kernels, function, granted;
  napi_create_object(env, &backend);
  napi_create_object(env, &kernels);
#define KERNEL(name)                                                                        \
  napi_create_function(env, #name, NAPI_AUTO_LENGTH, call_##name, context, &function);      \
  napi_set_named_property(env, kernels, #name, function);
#define KERNEL_SPLIT(name) KERNEL(name)
#include "kernels.inc"
#undef KERNEL_SPLIT
#undef KERNEL
  napi_set_named_property(env, backend, "kernels", kernels);
  napi_create_int32(env, context->pool->threads(), &granted);
  napi_set_named_property(env, backend, "threads", granted);
  napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_backend, context, &function);
  napi_set_named_property(env, backend, "close", function);
  return backend;
}

}  // namespace
}  // namespace lowbit

NAPI_MODULE_INIT() {
  using namespace lowbit;
  napi_set_instance_data(env, new Contexts(), free_contexts, nullptr);
  napi_value function;
  napi_create_function(env, "instructionSets", NAPI_AUTO_LENGTH, list_instruction_sets, nullptr, &function);
  napi_set_named_property(env, exports, "instructionSets", function);
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, open_backend, nullptr, &function);
  napi_set_named_property(env, exports, "open", function);
  set_string(env, exports, "compiler", __VERSION__);
  return exports;
}
