import { f16Bits, f16Value } from "./f16-bits.js";
import { clampedInteger, nearestInteger } from "./nearest-integer.js";
import { type RangeRule, searchRange, type ValueRange } from "./range-search.js";
import { emptySuperBlock, SUPER_BLOCK, type SuperBlock, type SuperBlockFormat } from "./super-block.js";

const { fround, abs, sqrt, min } = Math;

/** How Q2_K, Q4_K and Q5_K differ. */
export interface RangedRule extends RangeRule {
  /** What a difference counts: |w|, or |w| + root mean square of the sub-block. */
  readonly weighting: "magnitude" | "magnitude-and-mean";
}

/**
 * ggml's rule for types with minimums. Every sub-block is searched for itself; the largest scale over the largest sub-scale is
 * d, the largest minimum over it dmin; then codes are chosen once more with what is stored. A sub-block whose stored scale
 * is 0 keeps the codes of its search.
 */
export function encodeRanged(
  format: SuperBlockFormat,
  rule: RangedRule,
  values: Float32Array,
  blocks: Uint8Array,
): void {
  const fields = emptySuperBlock(format);
  for (let from = 0, at = 0; from < values.length; from += SUPER_BLOCK, at += format.bytes) {
    encodeSuperBlock(format, rule, values.subarray(from, from + SUPER_BLOCK), fields);
    format.write(fields, blocks, at);
  }
}

function encodeSuperBlock(format: SuperBlockFormat, rule: RangedRule, values: Float32Array, fields: SuperBlock): void {
  const { subBlock } = format;
  const { high: largest } = format.subScales;
  const ranges: ValueRange[] = [];
  for (let begin = 0; begin < SUPER_BLOCK; begin += subBlock) {
    const sub = values.subarray(begin, begin + subBlock);
    ranges.push(searchRange(rule, sub, differenceWeights(rule, sub), fields.codes.subarray(begin, begin + subBlock)));
  }
  const scales = roundToLargest(
    ranges.map((range) => range.scale),
    largest,
  );
  const minimums = roundToLargest(
    ranges.map((range) => range.minimum),
    largest,
  );
  fields.scale = scales.bits;
  fields.minimum = minimums.bits;
  fields.subScales.set(scales.steps);
  fields.subMinimums.set(minimums.steps);
  ranges.forEach((_, sub) => {
    const scale = fround(f16Value(fields.scale) * fields.subScales[sub]!);
    if (scale === 0) return;
    const minimum = fround(f16Value(fields.minimum) * fields.subMinimums[sub]!);
    for (let i = sub * subBlock; i < (sub + 1) * subBlock; i++) {
      const part = fround(fround(values[i]! + minimum) / scale);
      fields.codes[i] = clampedInteger(part, 0, rule.largestCode);
    }
  });
}

/** Numbers ≥ 0 as multiples of their largest over `largest`. */
function roundToLargest(numbers: readonly number[], largest: number): { bits: number; steps: number[] } {
  let top = 0;
  for (const number of numbers) if (number > top) top = number;
  const inverse = top > 0 ? fround(largest / top) : 0;
  return {
    bits: f16Bits(fround(top / largest)),
    // Through a byte, as ggml stores it: an inverse that overflowed gives 0.
    steps: numbers.map((number) => min(largest, nearestInteger(fround(inverse * number)) & 0xff)),
  };
}

function differenceWeights({ weighting }: RangedRule, values: Float32Array): Float32Array {
  if (weighting === "magnitude") return values.map(abs);
  let squares = 0;
  for (const value of values) squares = fround(squares + fround(value * value));
  const mean = fround(sqrt(fround(squares / values.length)));
  return values.map((value) => mean + abs(value));
}
