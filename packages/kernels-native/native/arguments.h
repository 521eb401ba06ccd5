// From JavaScript values to C parameters, by the parameter's type.
#pragma once

#include <node_api.h>
#include <stdint.h>

namespace lowbit {

// Any view on an ArrayBuffer or SharedArrayBuffer, or null for the null pointer.
inline bool read_pointer(napi_env env, napi_value value, void** pointer) {
  napi_typedarray_type type;
  size_t length;
  if (napi_get_typedarray_info(env, value, &type, &length, pointer, nullptr, nullptr) == napi_ok) return true;
  napi_valuetype kind;
  if (napi_typeof(env, value, &kind) == napi_ok && kind == napi_null) {
    *pointer = nullptr;
    return true;
  }
  return napi_get_dataview_info(env, value, &length, pointer, nullptr, nullptr) == napi_ok;
}

template <typename T>
struct Argument;

template <typename T>
struct Argument<T*> {
  static constexpr const char* expected = "a typed array or null";
  static bool read(napi_env env, napi_value value, T** target) {
    void* pointer;
    if (!read_pointer(env, value, &pointer)) return false;
    *target = static_cast<T*>(pointer);
    return true;
  }
};

template <>
struct Argument<int32_t> {
  static constexpr const char* expected = "a number (int32)";
  static bool read(napi_env env, napi_value value, int32_t* target) {
    return napi_get_value_int32(env, value, target) == napi_ok;
  }
};

template <>
struct Argument<uint32_t> {
  static constexpr const char* expected = "a number (uint32)";
  static bool read(napi_env env, napi_value value, uint32_t* target) {
    return napi_get_value_uint32(env, value, target) == napi_ok;
  }
};

template <>
struct Argument<double> {
  static constexpr const char* expected = "a number";
  static bool read(napi_env env, napi_value value, double* target) {
    return napi_get_value_double(env, value, target) == napi_ok;
  }
};

template <>
struct Argument<float> {
  static constexpr const char* expected = "a number";
  static bool read(napi_env env, napi_value value, float* target) {
    double wide;
    if (napi_get_value_double(env, value, &wide) != napi_ok) return false;
    *target = static_cast<float>(wide);
    return true;
  }
};

inline napi_value to_value(napi_env env, int32_t number) {
  napi_value value = nullptr;
  napi_create_int32(env, number, &value);
  return value;
}
inline napi_value to_value(napi_env env, uint32_t number) {
  napi_value value = nullptr;
  napi_create_uint32(env, number, &value);
  return value;
}
inline napi_value to_value(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}
inline napi_value to_value(napi_env env, float number) { return to_value(env, static_cast<double>(number)); }

}  // namespace lowbit
