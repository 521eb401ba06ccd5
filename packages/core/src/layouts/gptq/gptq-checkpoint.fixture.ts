import type { TensorData } from "../../safetensors/write-safetensors.js";
import { sequence } from "../checkpoint-of.fixture.js";

/** What a layer in GPTQ's layout holds, in the order of the model. */
export interface PlainGptq {
  readonly bits: number;
  /** [rows][columns] */
  readonly codes: readonly (readonly number[])[];
  /** [groups][rows], as they are. */
  readonly zeros: readonly (readonly number[])[];
  /** [groups][rows], F16. */
  readonly scales: readonly (readonly number[])[];
  readonly groupOf: readonly number[];
}

/** The value of every weight: scale · (code − zero). */
export function expectedValues({ codes, zeros, scales, groupOf }: PlainGptq): number[] {
  return codes.flatMap((row, r) =>
    row.map((code, c) => scales[groupOf[c]!]![r]! * (code - zeros[groupOf[c]!]![r]!) + 0),
  );
}

/** Written bit by bit from the description of the format, apart from the code under test. */
export function gptqTensors(module: string, plain: PlainGptq, subtract: 0 | 1): TensorData[] {
  const { bits, codes, zeros, scales, groupOf } = plain;
  const [rows, columns, groups] = [codes.length, codes[0]!.length, zeros.length];
  const qweight = new Uint32Array(Math.ceil((columns * bits) / 32) * rows);
  for (const [r, row] of codes.entries()) {
    for (const [c, code] of row.entries()) setBits(qweight, (word) => word * rows + r, c * bits, bits, code);
  }
  const zeroWords = Math.ceil((rows * bits) / 32);
  const qzeros = new Uint32Array(groups * zeroWords);
  for (const [g, group] of zeros.entries()) {
    for (const [r, zero] of group.entries()) {
      setBits(qzeros, (word) => g * zeroWords + word, r * bits, bits, (zero - subtract) & (2 ** bits - 1));
    }
  }
  return [
    {
      name: `${module}.qweight`,
      dtype: "I32",
      shape: [qweight.length / rows, rows],
      data: new Uint8Array(qweight.buffer),
    },
    { name: `${module}.qzeros`, dtype: "I32", shape: [groups, zeroWords], data: new Uint8Array(qzeros.buffer) },
    {
      name: `${module}.scales`,
      dtype: "F16",
      shape: [groups, rows],
      data: new Uint8Array(new Uint16Array(scales.flat().map(half)).buffer),
    },
    { name: `${module}.g_idx`, dtype: "I32", shape: [columns], data: new Uint8Array(Int32Array.from(groupOf).buffer) },
  ];
}

function setBits(words: Uint32Array, at: (word: number) => number, from: number, bits: number, code: number): void {
  for (let bit = 0; bit < bits; bit++) {
    const place = from + bit;
    words[at(Math.floor(place / 32))]! |= ((code >>> bit) & 1) << (place % 32);
  }
}

/** F16 of a power of two times a small integer. */
function half(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) | Math.round((value / 2 ** exponent - 1) * 1024);
}

export interface PlainOptions {
  readonly bits: number;
  readonly rows?: number;
  readonly columns?: number;
  readonly groupSize?: number;
  /** Default: in order. */
  readonly groupOf?: readonly number[];
  /** Default: any. */
  readonly zero?: number;
}

export function plainGptq({ bits, rows = 32, columns = 64, groupSize = 32, groupOf, zero }: PlainOptions): PlainGptq {
  const random = sequence(bits + 1);
  const groups = Math.max(...(groupOf ?? []), Math.ceil(columns / groupSize) - 1) + 1;
  const matrix = (count: number, width: number, value: () => number) =>
    Array.from({ length: count }, () => Array.from({ length: width }, value));
  return {
    bits,
    codes: matrix(rows, columns, () => random(2 ** bits)),
    zeros: matrix(groups, rows, () => zero ?? random(2 ** bits)),
    scales: matrix(groups, rows, () => (1 + random(1000)) / 1024),
    groupOf: groupOf ?? Array.from({ length: columns }, (_, c) => Math.floor(c / groupSize)),
  };
}
