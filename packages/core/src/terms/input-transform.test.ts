import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { hadamardMatrix } from "../linalg/hadamard-matrix.js";
import { writeU32 } from "./index-array.js";
import {
  checkTransform,
  foldTransforms,
  type InputTransform,
  transformActivations,
  transformArrays,
  transformWeights,
  undoTransforms,
  validateTransform,
} from "./input-transform.js";
import { writeScales } from "./scale-array.js";

const backend = createReferenceBackend();
const COLUMNS = 16;

function permutation(indices: readonly number[]): InputTransform {
  const bytes = new Uint8Array(indices.length * 4);
  writeU32(indices, bytes);
  return { layout: { kind: "permutation", columns: indices.length }, arrays: { indices: bytes } };
}

function channelScale(scale: readonly number[]): InputTransform {
  const bytes = new Uint8Array(scale.length * 4);
  writeScales(scale, "F32", bytes);
  return { layout: { kind: "channel-scale", columns: scale.length, scaleDtype: "F32" }, arrays: { scale: bytes } };
}

function hadamard(columns: number, size: number, signs: readonly number[]): InputTransform {
  return { layout: { kind: "hadamard", columns, size }, arrays: { signs: Uint8Array.from(signs) } };
}

/** The core of order 12 as bytes, two a row. */
function packedCore(): Uint8Array {
  const bytes = new Uint8Array(24);
  hadamardMatrix(12)!.forEach((sign, at) => {
    if (sign > 0) bytes[2 * Math.floor(at / 12) + ((at % 12) >> 3)]! |= 1 << ((at % 12) & 7);
  });
  return bytes;
}

function hadamard12(columns: number, size: number, signs: readonly number[]): InputTransform {
  const layout = { kind: "hadamard", columns, size, order: 12 } as const;
  return { layout, arrays: { signs: Uint8Array.from(signs), core: packedCore() } };
}

const block = (values: ArrayLike<number>, columns: number) => ({
  values: Float32Array.from(values),
  rows: values.length / columns,
  columns,
});

const anyTransform: fc.Arbitrary<InputTransform> = fc.oneof(
  fc
    .shuffledSubarray(
      Array.from({ length: COLUMNS }, (_, i) => i),
      { minLength: COLUMNS },
    )
    .map(permutation),
  fc
    .array(fc.double({ min: 0.25, max: 4, noNaN: true }), { minLength: COLUMNS, maxLength: COLUMNS })
    .map((scale) => channelScale(scale.map(Math.fround))),
  fc
    .tuple(fc.constantFrom(2, 4, 8, 16), fc.array(fc.nat(255), { minLength: 2, maxLength: 2 }))
    .map(([size, signs]) => hadamard(COLUMNS, size, signs)),
);
const row = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: COLUMNS, maxLength: COLUMNS })
  .map((values) => values.map((value) => value / 1000));

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("input transforms", () => {
  it("undo gives x back", () => {
    fc.assert(
      fc.property(fc.array(anyTransform, { maxLength: 3 }), row, (transforms, values) => {
        const x = block(values, COLUMNS);
        transformActivations(transforms, x, backend);
        undoTransforms(transforms, x, backend);
        expect(largestDifference(x.values, Float32Array.from(values))).toBeLessThan(1e-4);
      }),
    );
  });

  it("permutation: T(x)[c] = x[indices[c]], folded back the other way", () => {
    const transform = permutation([2, 0, 1]);
    const x = block([10, 20, 30], 3);
    transformActivations([transform], x, backend);
    expect([...x.values]).toEqual([30, 10, 20]);
    const w = block([1, 2, 3], 3);
    foldTransforms([transform], w, backend);
    expect([...w.values]).toEqual([2, 3, 1]);
  });

  it("channel scale: T(x)[c] = scale[c] · x[c]", () => {
    const x = block([1, 2, 3, 4], 2);
    transformActivations([channelScale([2, 0.5])], x, backend);
    expect([...x.values]).toEqual([2, 1, 6, 2]);
    transformWeights([channelScale([2, 0.5])], x, backend);
    expect([...x.values]).toEqual([1, 2, 3, 4]);
  });

  it("hadamard: H · (s ∘ x) in every span", () => {
    // Signs + − + +; H₂ = [[1, 1], [1, −1]] / √2.
    const x = block([3, 1, 2, 5], 4);
    transformActivations([hadamard(4, 2, [0b1101])], x, backend);
    const root = Math.SQRT1_2;
    expect(largestDifference(x.values, Float32Array.of(2 * root, 4 * root, 7 * root, -3 * root))).toBeLessThan(1e-6);
  });

  it("hadamard with a core: (s ∘ x) · (core ⊗ W), against the matrix written out", () => {
    const x = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i * i));
    const rotated = block(x, 48);
    const signs = [0b10110, 0xff, 3, 7, 0, 0x5a];
    transformActivations([hadamard12(48, 24, signs)], rotated, backend);
    const core = hadamardMatrix(12)!;
    for (let at = 0; at < 48; at++) {
      const [span, i, l] = [Math.floor(at / 24), Math.floor((at % 24) / 2), at % 2];
      let sum = 0;
      for (let k = 0; k < 24; k++) {
        const column = span * 24 + k;
        const sign = (signs[column >> 3]! >> (column & 7)) & 1 ? 1 : -1;
        const walsh = l === 1 && k % 2 === 1 ? -1 : 1;
        sum += sign * x[column]! * core[Math.floor(k / 2) * 12 + i]! * walsh;
      }
      expect(rotated.values[at]).toBeCloseTo(sum / Math.sqrt(24), 5);
    }
    foldTransforms([hadamard12(48, 24, signs)], rotated, backend);
    expect(largestDifference(rotated.values, x)).toBeLessThan(1e-6);
  });

  it("keeps y = Ŵ · T(x) equal to W · x with a core", () => {
    const w = Float32Array.from({ length: 48 }, (_, i) => Math.cos(i * i));
    const x = Float32Array.from({ length: 48 }, (_, i) => Math.sin(3 * i * i));
    const transform = hadamard12(48, 48, [1, 2, 4, 8, 16, 32]);
    const [weights, activations] = [block(w, 48), block(x, 48)];
    transformWeights([transform], weights, backend);
    transformActivations([transform], activations, backend);
    expect(dot(weights.values, activations.values)).toBeCloseTo(dot(w, x), 5);
  });

  it("keeps y = Ŵ · T(x) equal to W · x, and gives W back, for any sequence", () => {
    fc.assert(
      fc.property(fc.array(anyTransform, { maxLength: 4 }), row, row, (transforms, w, x) => {
        const weights = block(w, COLUMNS);
        transformWeights(transforms, weights, backend);
        const activations = block(x, COLUMNS);
        transformActivations(transforms, activations, backend);
        const tolerance = 1e-6 * 4 ** transforms.length * COLUMNS;
        expect(
          Math.abs(dot(weights.values, activations.values) - dot(block(w, COLUMNS).values, Float32Array.from(x))),
        ).toBeLessThan(tolerance);
        foldTransforms(transforms, weights, backend);
        expect(largestDifference(weights.values, Float32Array.from(w))).toBeLessThan(tolerance);
      }),
    );
  });

  it("hadamard is orthogonal to 1e-6: it keeps lengths and undoes itself", () => {
    for (const size of [2, 64, 256, 1024]) {
      const transform = hadamard(
        1024,
        size,
        Array.from({ length: 128 }, (_, i) => (i * 73 + 41) & 255),
      );
      const original = Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i * i));
      const rotated = block(original, 1024);
      transformActivations([transform], rotated, backend);
      const length = Math.sqrt(dot(original, original));
      expect(Math.abs(Math.sqrt(dot(rotated.values, rotated.values)) / length - 1)).toBeLessThan(1e-6);
      foldTransforms([transform], rotated, backend);
      expect(largestDifference(rotated.values, original)).toBeLessThan(1e-6);
    }
  });
});

describe("soundness of input transforms", () => {
  it("states its arrays", () => {
    expect(transformArrays({ kind: "hadamard", columns: 24, size: 8 })).toEqual([
      { name: "signs", dtype: "U8", shape: [3], perRow: false },
    ]);
  });

  it.each([
    [{ kind: "hadamard", columns: 24, size: 16 } as const, "terms/invalid-field"],
    [{ kind: "hadamard", columns: 24, size: 3 } as const, "terms/invalid-field"],
    [{ kind: "hadamard", columns: 24, size: 24, order: 6 } as const, "terms/invalid-field"],
    [{ kind: "hadamard", columns: 36, size: 36, order: 12 } as const, "terms/invalid-field"],
    [{ kind: "hadamard", columns: 24, size: 12, order: 24 } as const, "terms/invalid-field"],
    [{ kind: "channel-scale", columns: 24 } as never, "terms/missing-field"],
    [{ kind: "permutation", columns: 24, seed: 1 } as never, "terms/unknown-field"],
  ])("refuses the layout %j", (layout, code) => {
    expect(() => validateTransform(layout)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ["twice", permutation([0, 1, 1])],
    ["outside", permutation([0, 1, 3])],
    ["not 0", channelScale([1, 0])],
    ["finite", channelScale([1, Number.POSITIVE_INFINITY])],
    [
      "equal signs",
      {
        layout: { kind: "hadamard", columns: 4, size: 4, order: 4 } as const,
        arrays: { signs: Uint8Array.of(1), core: Uint8Array.of(15, 5, 3, 8) },
      },
    ],
  ])("refuses contents without an inverse: %s", (why, transform) => {
    expect(() => checkTransform(transform)).toThrow(
      expect.objectContaining({
        code: "terms/invalid-array",
        message: expect.stringContaining(why === "outside" ? "column 3" : why),
      }),
    );
  });
});
