import type { ColumnGrid, FeedbackSpan, FeedbackZones, KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameBytes, expectSameFloats } from "../expectations.js";
import { RandomData, unaligned } from "../random-data.js";

/** [rows, columns, first, count, end]: lanes, strips of 8 and tiles of 128 with rests, spans inside a block, empty ones. */
const SPANS = [
  [1, 1, 0, 1, 1],
  [1, 9, 0, 9, 9],
  [3, 20, 4, 5, 17],
  [15, 33, 1, 8, 33],
  [16, 40, 0, 40, 40],
  [17, 64, 16, 16, 64],
  [33, 130, 0, 129, 130],
  [40, 300, 2, 150, 290],
  [18, 260, 128, 128, 256],
  [5, 64, 60, 4, 64],
  [4, 30, 7, 0, 30],
  [0, 30, 0, 10, 30],
] as const;

type Shape = (typeof SPANS)[number];
type GridKind = "affine" | "values";

const GROUPS = 3;

function randomGrid(random: RandomData, kind: GridKind, rows: number, levels: number): ColumnGrid {
  if (kind === "affine") {
    const scale = Float32Array.from({ length: rows * GROUPS }, () =>
      random.integer(0, 9) === 0 ? 0 : (0.5 + random.uniform()) / levels,
    );
    // Whole zero points, as integer ones are, and others.
    const zero = scale.map(() =>
      random.integer(0, 1) === 0 ? random.integer(0, levels - 1) : levels * random.normal(),
    );
    return { kind, levels, scale: unaligned(scale, 4), zero: unaligned(zero, 4), groups: GROUPS };
  }
  const values = new Float32Array(rows * GROUPS * levels);
  for (let begin = 0; begin < values.length; begin += levels) {
    values.set(random.weights(levels, 1).sort(), begin);
    // Equal neighbours: the lower code is taken.
    if (levels > 2 && random.integer(0, 3) === 0) values[begin + 1] = values[begin]!;
  }
  return { kind, levels, values: unaligned(values, 4), groups: GROUPS };
}

/** Upper triangular, its diagonal away from 0. */
function randomFactor(random: RandomData, columns: number): Float32Array {
  const factor = new Float32Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    factor[i * (columns + 1)] = 0.5 + random.uniform();
    for (let j = i + 1; j < columns; j++) factor[i * columns + j] = 0.3 * random.normal();
  }
  return unaligned(factor, 4);
}

function makeSpan(random: RandomData, [rows, columns, first, count, end]: Shape, values?: Float32Array): FeedbackSpan {
  return {
    weights: { rows, columns, values: unaligned(values ?? random.weights(rows * columns, 1), 4) },
    first,
    count,
    end,
    factor: randomFactor(random, columns),
    errors: unaligned(new Float32Array(rows * (count + 3)).fill(7), 4),
    errorStride: count + 3,
    codes: new Uint8Array(rows * columns).fill(9),
    groupOf: Uint32Array.from({ length: count }, (_, i) => Math.floor((i * GROUPS) / count)),
  };
}

function randomZones(random: RandomData, span: FeedbackSpan, grids: number, outlierThreshold?: number): FeedbackZones {
  const zones = Uint8Array.from(span.codes, () => random.integer(0, grids));
  return { zones, ...(outlierThreshold !== undefined && { outlierThreshold }) };
}

/** Weights, errors, codes and zones of both, bit by bit; what is outside the span stays as it was. */
function expectSameFeedback(
  subject: KernelBackend,
  oracle: KernelBackend,
  span: FeedbackSpan,
  grids: readonly ColumnGrid[],
  zones?: FeedbackZones,
): void {
  const wanted = {
    ...span,
    weights: { ...span.weights, values: span.weights.values.slice() },
    errors: span.errors.slice(),
    codes: span.codes.slice(),
  };
  const wantedZones = zones && { ...zones, zones: zones.zones.slice() };
  oracle.errorFeedback(wanted, grids, wantedZones);
  subject.errorFeedback(span, grids, zones);
  expectSameFloats(span.weights.values, wanted.weights.values);
  expectSameFloats(span.errors, wanted.errors);
  expectSameBytes(span.codes, wanted.codes);
  if (zones) expectSameBytes(zones.zones, wantedZones!.zones);
}

export function errorFeedbackCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SPANS.map((shape) => ({ shape })))("quantizes on one grid, %j", ({ shape }) => {
    const random = new RandomData(301);
    for (const kind of ["affine", "values"] as const) {
      for (const levels of [2, 3, 8, 16, 256]) {
        const span = makeSpan(random, shape);
        expectSameFeedback(subject(), oracle, span, [randomGrid(random, kind, shape[0], levels)]);
      }
    }
  });

  it.each([
    ["one grid", ["affine"], undefined],
    ["two grids", ["affine", "values"], undefined],
    ["three grids", ["values", "affine", "affine"], undefined],
    ["an outlier threshold", ["affine"], 0.01],
    ["a threshold of 0", ["affine", "affine"], 0],
  ] as const)("leaves kept weights exactly as they are, %s", (_, kinds, threshold) => {
    const random = new RandomData(302);
    for (const shape of SPANS) {
      const span = makeSpan(random, shape);
      const grids = kinds.map((kind, i) => randomGrid(random, kind, shape[0], 4 + i));
      expectSameFeedback(subject(), oracle, span, grids, randomZones(random, span, grids.length, threshold));
    }
  });

  it("takes weights of every size", () => {
    const random = new RandomData(303);
    for (const shape of SPANS) {
      for (const kind of ["affine", "values"] as const) {
        const odd = random.oddWeights(shape[0] * shape[1]);
        // Squares and sums of these stay finite, as those of weights do.
        const values = odd.map((w) => (Math.abs(w) > 1e9 ? Math.sign(w) : w));
        expectSameFeedback(subject(), oracle, makeSpan(random, shape, values), [
          randomGrid(random, kind, shape[0], 16),
        ]);
        const tiny = random.subnormalWeights(shape[0] * shape[1]);
        expectSameFeedback(subject(), oracle, makeSpan(random, shape, tiny), [randomGrid(random, kind, shape[0], 16)]);
      }
    }
  });

  it("takes scales and zero points of every size", () => {
    const random = new RandomData(304);
    const scales = [0, 2 ** -149, 2 ** -130, 2 ** -24, 1e-3, 65_504, 1e30];
    const zeros = [0, 0.5, -0.5, 3, -7, 15, 300.25, -(2 ** 21) - 0.5, 2 ** 22, 1e8];
    const [rows, columns] = [scales.length * zeros.length, 12];
    const scale = Float32Array.from({ length: rows }, (_, row) => scales[row % scales.length]!);
    const zero = Float32Array.from({ length: rows }, (_, row) => zeros[Math.floor(row / scales.length)]!);
    const span = makeSpan(random, [rows, columns, 0, columns, columns] as never);
    // No feedback: products of such errors would soon be infinite.
    const factor = new Float32Array(columns * columns);
    for (let j = 0; j < columns; j++) factor[j * (columns + 1)] = 1;
    const groupOf = new Uint32Array(columns);
    const grid = { kind: "affine", levels: 16, scale, zero, groups: 1 } as const;
    expectSameFeedback(subject(), oracle, { ...span, factor, groupOf }, [grid]);
  });

  it("takes the even code on a tie of a grid around 0, and the lower of two equally near values", () => {
    const span = {
      weights: { rows: 2, columns: 3, values: Float32Array.of(0.5, 1.5, -0.5, 0.5, 1.5, -0.5) },
      first: 0,
      count: 3,
      end: 3,
      factor: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
      errors: new Float32Array(6),
      errorStride: 3,
      codes: new Uint8Array(6),
      groupOf: new Uint32Array(3),
    };
    const grid = {
      kind: "affine",
      levels: 8,
      scale: Float32Array.of(1, 1),
      zero: Float32Array.of(3, 4),
      groups: 1,
    } as const;
    subject().errorFeedback(span, [grid]);
    expect([...span.codes]).toEqual([3, 5, 3, 4, 6, 4]);
    span.weights.values.set([0.5, 1.5, -0.5, 0.5, 1.5, -0.5]);
    const values = Float32Array.of(-1, 0, 1, 2, -1, 0, 1, 2);
    subject().errorFeedback(span, [{ kind: "values", levels: 4, values, groups: 1 }]);
    expect([...span.codes]).toEqual([1, 2, 0, 1, 2, 0]);
    expect([...span.errors]).toEqual([-0.5, -0.5, -0.5, -0.5, -0.5, -0.5]);
  });
}
