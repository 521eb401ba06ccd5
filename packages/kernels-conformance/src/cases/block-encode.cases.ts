import type { KernelBackend } from "@lowbit/core/backend";
import { BLOCK_TYPES, type BlockType } from "@lowbit/core/blocks";
import { describe, it } from "vitest";
import { expectSameBytes } from "../expectations.js";
import { RandomData, unaligned } from "../random-data.js";

const TYPES = Object.values(BLOCK_TYPES).filter((type) => type.encode !== undefined);

/** Rows and blocks a row: none, one, and around the sixteen that kernels take at once. */
const SHAPES = [
  [0, 2],
  [1, 1],
  [3, 1],
  [1, 15],
  [4, 4],
  [1, 17],
  [3, 13],
] as const;

/** A run of 32 weights: all the same, one among zeros, or both signs of the largest magnitude. */
function runs(random: RandomData, length: number, values: readonly number[]): Float32Array {
  const weights = new Float32Array(length);
  for (let begin = 0; begin < length; begin += 32) {
    const value = values[random.integer(0, values.length - 1)]!;
    const form = random.integer(0, 3);
    if (form === 0) weights.fill(value, begin, begin + 32);
    else if (form < 3) weights[begin + random.integer(0, 31)] = value;
    if (form === 2) weights[begin + random.integer(0, 31)] = -value;
  }
  return weights;
}

/** Data by name; every one is finite. */
const DATA: Readonly<Record<string, (random: RandomData, length: number) => Float32Array>> = {
  "weights of a model": (random, length) => random.weights(length),
  "zeros of both signs, subnormals and large values": (random, length) => random.oddWeights(length),
  "subnormals alone": (random, length) => random.subnormalWeights(length),
  "few values, so that quotients are ties": (random, length) =>
    Float32Array.from({ length }, () => random.integer(-16, 16) / 2),
  "weights above 0": (random, length) => random.weights(length).map(Math.abs),
  "zeros of both signs": (random, length) => Float32Array.from({ length }, () => (random.integer(0, 1) === 0 ? 0 : -0)),
  "runs of few weights that are not 0": (random, length) =>
    runs(random, length, [1, -1, 0.375, -65_504, 2 ** -14, 2 ** -24, 2 ** -100, -(2 ** -128)]),
};

/** Beyond the range of f16 scales and up to the largest f32. */
const HUGE = [65_520, -1e6, 2689, 5400, 1e9, 2 ** 100, 2 ** 127, -(2 ** 127), 3.4028234663852886e38];
/** Types with one product a scale. The super-blocks of the others lose such scales anyway. */
const ONE_LEVEL = TYPES.filter(({ name }) => !name.endsWith("_K") && !name.startsWith("IQ"));

interface Sample {
  readonly values: Float32Array;
  readonly wanted: Uint8Array;
}

/** By type, data and shape: a process checks many backends, and the reference takes longer than all of them. */
const samples = new Map<string, Sample>();

function sample(type: BlockType, name: string, rows: number, columns: number, oracle: KernelBackend): Sample {
  const key = [type.name, name, rows, columns].join(" ");
  let found = samples.get(key);
  if (found === undefined) {
    const values = DATA[name]!(new RandomData(type.id + 400 + columns), rows * columns);
    const wanted = new Uint8Array((values.length / type.weights) * type.bytes).fill(0x33);
    oracle.blockEncode({ values, rows, columns }, type.name, wanted);
    found = { values, wanted };
    samples.set(key, found);
  }
  return found;
}

export function blockEncodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const expectBytes = (type: BlockType, rows: number, columns: number, { values, wanted }: Sample) => {
    const actual = unaligned(new Uint8Array(wanted.length).fill(0xcc), 3);
    subject().blockEncode({ values: unaligned(values, 4), rows, columns }, type.name, actual);
    expectSameBytes(actual, wanted);
  };
  const compare = (type: BlockType, rows: number, columns: number, values: Float32Array) => {
    const wanted = new Uint8Array((values.length / type.weights) * type.bytes).fill(0x33);
    oracle.blockEncode({ values, rows, columns }, type.name, wanted);
    expectBytes(type, rows, columns, { values, wanted });
  };

  describe.each(TYPES)("$name", (type) => {
    it.each(Object.keys(DATA))("encodes %s", (name) => {
      for (const [rows, perRow] of SHAPES) {
        const columns = perRow * type.weights;
        expectBytes(type, rows, columns, sample(type, name, rows, columns, oracle));
      }
    });
  });

  it.each(ONE_LEVEL)("encodes huge weights as $name", (type) => {
    const random = new RandomData(450);
    const columns = 40 * type.weights;
    compare(type, 1, columns, runs(random, columns, HUGE));
    compare(
      type,
      1,
      columns,
      runs(random, columns, HUGE).map((value, i) => (i % 5 === 0 ? random.normal() * 1e35 : value)),
    );
  });

  it("encodes MXFP4 just below every power of two", () => {
    const type = TYPES.find(({ name }) => name === "MXFP4")!;
    const tops = Array.from({ length: 254 * 50 }, (_, i) => (Math.floor(i / 50) + 1) * 2 ** 23 - (i % 50));
    const bits = new Uint32Array(tops.length * 32);
    tops.forEach((top, run) => {
      bits.fill(top, 32 * run + (run % 32), 32 * run + (run % 32) + 1);
    });
    compare(type, 1, bits.length, new Float32Array(bits.buffer));
  });
}
