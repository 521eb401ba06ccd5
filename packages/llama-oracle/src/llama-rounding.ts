import { decodeFloats, encodeFloats } from "@lowbit/core/dtype";

/** Changes the inputs of a matrix [rows, columns] in place. */
export type RoundInputs = (values: Float32Array) => unknown;

/**
 * How llama.cpp rounds the inputs of a matrix on the CPU (`vec_dot_type` of ggml-cpu, its kernels for AVX2): in blocks of 32 with an F16 scale
 * ("Q8_0", "Q8_1") for types in blocks of 32, 64 and 128, in blocks of 256 with an F32 scale ("Q8_K") for those of 256.
 */
export function llamaRounding(type: string): RoundInputs {
  if (type === "F32") return () => {};
  if (type === "F16" || type === "BF16") return (values) => roundTo(type, values);
  return IN_SUPER_BLOCKS.has(type) ? roundSuperBlocks : roundBlocks;
}

const IN_SUPER_BLOCKS = new Set<string>(["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "TQ1_0", "TQ2_0"]);

function roundBlocks(values: Float32Array): void {
  for (let begin = 0; begin < values.length; begin += 32) {
    const block = values.subarray(begin, begin + 32);
    const most = largest(block);
    const inverse = most === 0 ? 0 : Math.fround(127 / most);
    const stored = roundTo("F16", Float32Array.of(most / 127))[0]!;
    block.forEach((value, i) => {
      block[i] = Math.round(Math.fround(value * inverse)) * stored;
    });
  }
}

function roundSuperBlocks(values: Float32Array): void {
  for (let begin = 0; begin < values.length; begin += 256) {
    const block = values.subarray(begin, begin + 256);
    const most = largest(block);
    if (most === 0) continue;
    const extreme = block.find((value) => Math.abs(value) === most)!;
    const inverse = Math.fround(-127 / extreme);
    const scale = Math.fround(1 / inverse);
    block.forEach((value, i) => {
      block[i] = Math.min(127, Math.round(Math.fround(value * inverse))) * scale;
    });
  }
}

function largest(block: Float32Array): number {
  return block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function roundTo(dtype: "F16" | "BF16", values: Float32Array): Float32Array {
  const bytes = new Uint8Array(2 * values.length);
  encodeFloats(dtype, values, bytes);
  decodeFloats(dtype, bytes, values);
  return values;
}
