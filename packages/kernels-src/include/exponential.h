// e^x in f32, on sixteen lanes (F32x16), one register (FloatRegister) or any vector of floats: relative error below
// 1.5 units in the last place, subnormal results included; −∞ gives exactly 0, what exceeds the f32 range ∞, NaN NaN.
#pragma once

#include <stdint.h>

#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

// 2^n for n in −126 … 127.
template <typename Ints>
static inline auto power_of_two(Ints n) {
  return (n + 127) << 23;
}

// a·b + c, fused for registers that can.
template <typename Floats>
static inline Floats product_sum(Floats a, Floats b, Floats c) {
  return a * b + c;
}
static inline FloatRegister product_sum(FloatRegister a, FloatRegister b, FloatRegister c) {
  return multiply_add(a, b, c);
}

// x = n·ln 2 + r with |r| <= ln 2 / 2, |n| < 2^22: e^x = power · 2^n; n stands in the low bits of `shifted`.
template <typename Floats>
struct ReducedExponential {
  Floats power, shifted;
};

// e^r = 1 + r + r²·q(r), q interpolated at Chebyshev nodes (error 1e-8).
template <typename Floats>
static inline ReducedExponential<Floats> reduced_exponential(Floats x) {
  const auto all = [](float value) { return Floats{} + value; };
  const Floats magic = all(12582912.0f);
  const Floats shifted = product_sum(x, all(1.44269504f), magic);
  const Floats n = shifted - magic;
  // The first part of ln 2 has 9 bits: its product with n is exact.
  const Floats r = product_sum(n, all(2.12194440e-4f), product_sum(n, all(-0.693359375f), x));
  Floats q = product_sum(r, all(0.001392625f), all(0.008363233f));
  q = product_sum(q, r, all(0.041666552f));
  q = product_sum(q, r, all(0.16666576f));
  q = product_sum(q, r, all(0.5f));
  return {product_sum(q * r, r, r) + 1.0f, shifted};
}

template <typename Floats>
static inline Floats exponential(Floats x) {
  typedef decltype(x < x) Ints;
  const Floats least = Floats{} - 103.972084f;  // ln 2^-150: below, the nearest f32 is 0
  const Floats greatest = Floats{} + 89.0f;
  const Ints vanishes = x < least;
  // Lanes that vanish go on as 0, so that no multiplication underflows for them (~150 cycles on some processors).
  x = vanishes ? Floats{} : x;
  x = greatest < x ? greatest : x;
  const ReducedExponential<Floats> reduced = reduced_exponential(x);
  // Two factors, because 2^n is no normal number at both ends of the range.
  const Ints exponent = (Ints)reduced.shifted - 0x4b400000, half = exponent >> 1;
  const Floats result = reduced.power * (Floats)power_of_two(half) * (Floats)power_of_two(exponent - half);
  return vanishes ? Floats{} : result;
}

// The same for x <= 0, with 0 for powers below e^−87: with the other results no product underflows.
template <typename Floats>
static inline Floats normal_exponential(Floats x) {
  typedef decltype(x < x) Ints;
  const Floats least = Floats{} - 87.0f;
  const Ints vanishes = x < least;
  const ReducedExponential<Floats> reduced = reduced_exponential(vanishes ? least : x);
  // The bits of 2^n, those of the offset shifted out.
  const Floats scale = (Floats)(((Ints)reduced.shifted + 127) << 23);
  return vanishes ? Floats{} : reduced.power * scale;
}

// σ(x) = 1 / (1 + e^−x) and its derivative σ·(1 − σ), both precise where they are small.
template <typename Floats>
struct Sigmoid {
  Floats value, derivative;
};
template <typename Floats>
static inline Sigmoid<Floats> sigmoid(Floats x) {
  const Floats ratio = exponential(x < 0.0f ? x : -x);
  const Floats larger = 1.0f / (1.0f + ratio), smaller = ratio * larger;
  return {x < 0.0f ? smaller : larger, smaller * larger};
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
