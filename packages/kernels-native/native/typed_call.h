// The Node-API function of a kernel, made from its C signature: translates the arguments and calls, nothing else.
#pragma once

#include <stdio.h>

#include <tuple>
#include <type_traits>
#include <utility>

#include "arguments.h"
#include "dispatch/kernel_table.h"
#include "thread_pool.h"

namespace lowbit {

// What every function of one open backend shares.
struct Context {
  const KernelTable* table;
  ThreadPool* pool;  // null once closed
};

inline napi_value throw_argument(napi_env env, const char* kernel, size_t index, const char* expected) {
  char text[160];
  snprintf(text, sizeof text, "%s: argument %zu must be %s", kernel, index, expected);
  napi_throw_type_error(env, nullptr, text);
  return nullptr;
}

template <typename Member>
struct TypedCall;

template <typename Result, typename... Parameters>
struct TypedCall<Result (*KernelTable::*)(Parameters...)> {
  typedef Result (*Function)(Parameters...);
  typedef std::tuple<Parameters...> Values;
  static constexpr size_t count = sizeof...(Parameters);

  template <size_t... I>
  static napi_value read_all(napi_env env, const napi_value* given, const char* kernel, Values* values, bool* complete,
                             std::index_sequence<I...>) {
    napi_value failure = nullptr;
    *complete = (... && (Argument<Parameters>::read(env, given[I], &std::get<I>(*values)) ||
                         ((failure = throw_argument(env, kernel, I, Argument<Parameters>::expected)), false)));
    return failure;
  }

  // A kernel with its arguments, for the chunks of rows.
  struct Split {
    Function function;
    Values values;
    static int32_t chunk(void* data, int32_t begin, int32_t end) {
      Split* split = static_cast<Split*>(data);
      Values values = split->values;
      std::get<0>(values) = begin;
      std::get<1>(values) = end;
      if constexpr (std::is_void_v<Result>) {
        std::apply(split->function, values);
        return 0;
      } else {
        return std::apply(split->function, values);
      }
    }
  };

  static napi_value call(napi_env env, napi_callback_info info, Function KernelTable::*member, bool is_split,
                         const char* kernel) {
    napi_value given[count];
    size_t found = count;
    void* data;
    napi_get_cb_info(env, info, &found, given, nullptr, &data);
    if (found != count) {
      char text[160];
      snprintf(text, sizeof text, "%s: takes %zu arguments, got %zu", kernel, count, found);
      napi_throw_type_error(env, nullptr, text);
      return nullptr;
    }
    const Context* context = static_cast<Context*>(data);
    if (context->pool == nullptr) {
      napi_throw_error(env, nullptr, "the native backend is closed");
      return nullptr;
    }
    Values values;
    bool complete;
    read_all(env, given, kernel, &values, &complete, std::make_index_sequence<count>());
    if (!complete) return nullptr;
    const Function function = context->table->*member;
    if constexpr (can_split()) {
      if (is_split) {
        Split split = {function, values};
        return to_value(env, context->pool->run(std::get<0>(values), std::get<1>(values), Split::chunk, &split));
      }
    }
    if constexpr (std::is_void_v<Result>) {
      std::apply(function, values);
      return nullptr;
    } else {
      return to_value(env, std::apply(function, values));
    }
  }

  static constexpr bool can_split() {
    if constexpr (count >= 2) {
      return std::is_same_v<std::tuple_element_t<0, Values>, int32_t> &&
             std::is_same_v<std::tuple_element_t<1, Values>, int32_t> &&
             (std::is_void_v<Result> || std::is_same_v<Result, int32_t>);
    } else {
      return false;
    }
  }
};

}  // namespace lowbit
