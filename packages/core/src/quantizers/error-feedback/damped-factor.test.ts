import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { smallLayer } from "../small-layer.fixture.js";
import { clearDeadColumns, dampedFactor } from "./damped-factor.js";

const backend = createReferenceBackend();
const COLUMNS = 40;

function hessian(dead: readonly number[] = []): Float64Array {
  return smallLayer({ rows: 1, columns: COLUMNS, dead }).statistics.values.hessian as Float64Array;
}

/** Element (i, j) of the packed triangle. */
function element(packed: Float64Array, i: number, j: number): number {
  return i < j ? element(packed, j, i) : packed[(i * (i + 1)) / 2 + j]!;
}

/** (H + d·I)·Uᵀ·U, which is the identity. */
function product(packed: Float64Array, factor: Float32Array, added: number, order: Uint32Array): number[][] {
  const inverse = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < COLUMNS; k++) sum += factor[k * COLUMNS + i]! * factor[k * COLUMNS + j]!;
    return sum;
  };
  return Array.from({ length: COLUMNS }, (_, i) =>
    Array.from({ length: COLUMNS }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < COLUMNS; k++) {
        sum += (element(packed, order[i]!, order[k]!) + (i === k ? added : 0)) * inverse(k, j);
      }
      return sum;
    }),
  );
}

describe("dampedFactor", () => {
  const natural = Uint32Array.from({ length: COLUMNS }, (_, j) => j);

  it.each([
    ["as they stand", undefined],
    ["backwards", natural.toReversed()],
  ])("factors the inverse of H and its damping, inputs %s", (_, order) => {
    const packed = hessian();
    const { factor, diagonal, dead, damping } = dampedFactor(packed, COLUMNS, 0.01, backend, order);
    const mean = natural.reduce((sum, j) => sum + element(packed, j, j), 0) / COLUMNS;
    product(packed, factor, 0.01 * mean, order ?? natural).forEach((row, i) => {
      row.forEach((value, j) => {
        expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(1e-5);
      });
    });
    expect(diagonal).toEqual(Float32Array.from(natural, (j) => factor[j * COLUMNS + j]!));
    expect(factor[COLUMNS]).toBe(0);
    expect([...dead]).toEqual(new Array(COLUMNS).fill(0));
    expect(damping).toBe(0.01);
  });

  it("does not depend on the unit of the inputs, dead ones or not", () => {
    const packed = hessian([7]);
    const small = packed.map((h) => h / 2 ** 20);
    const { factor } = dampedFactor(packed, COLUMNS, 0.1, backend);
    const scaled = dampedFactor(small, COLUMNS, 0.1, backend).factor;
    for (let i = 0; i < COLUMNS; i++) {
      for (let j = 0; j < COLUMNS; j++) {
        if (i === 7 || j === 7) continue;
        expect(Math.abs(scaled[i * COLUMNS + j]! / 2 ** 10 - factor[i * COLUMNS + j]!)).toBeLessThan(1e-6);
      }
    }
  });

  it("names dead inputs in the order of the loop, and leaves the others as if they were not there", () => {
    const packed = hessian([3, 20]);
    expect([...dampedFactor(packed, COLUMNS, 0.01, backend).dead].flatMap((d, j) => (d ? [j] : []))).toEqual([3, 20]);
    const order = natural.toReversed();
    const { dead, factor } = dampedFactor(packed, COLUMNS, 0.01, backend, order);
    const positions = [...dead].flatMap((d, j) => (d ? [j] : []));
    expect(positions).toEqual([COLUMNS - 21, COLUMNS - 4]);
    for (const at of positions) {
      for (let j = 0; j < COLUMNS; j++) {
        if (j !== at) expect([factor[at * COLUMNS + j]! + 0, factor[j * COLUMNS + at]! + 0]).toEqual([0, 0]);
      }
    }
    const weights = { rows: 2, columns: COLUMNS, values: new Float32Array(2 * COLUMNS).fill(1) };
    clearDeadColumns(weights, dead, order);
    expect([...weights.values].flatMap((w, i) => (w === 0 ? [i] : []))).toEqual([3, 20, 43, 60]);
  });

  it("takes ten times the damping where the Hessian is not positive definite", () => {
    // Eigenvalues 1 + c and 1 − c with c = 1.05: positive from a damping of 0.05 on.
    const indefinite = Float64Array.of(1, 1.05, 1);
    const { damping, factor } = dampedFactor(indefinite, 2, 0.01, backend);
    expect(damping).toBeCloseTo(0.1, 12);
    expect(factor.every(Number.isFinite)).toBe(true);
  });

  it("gives up after two retries", () => {
    expect(() => dampedFactor(Float64Array.of(1, 3, 1), 2, 0.01, backend)).toThrow(
      expect.objectContaining({ code: "quantize/not-positive-definite" }),
    );
    expect(() => dampedFactor(Float64Array.of(Number.NaN), 1, 0.01, backend)).toThrow(
      expect.objectContaining({ code: "quantize/not-positive-definite" }),
    );
  });

  it("refuses layers that the memory of the backend does not hold", () => {
    const wasm = { ...backend, name: "wasm" } as const;
    const tooWide = expect.objectContaining({ code: "quantize/layer-too-wide" });
    expect(() => dampedFactor(new Float32Array(0), 16_385, 0.01, wasm)).toThrow(tooWide);
    // More elements than an array can have.
    expect(() => dampedFactor(new Float32Array(0), 2 ** 27, 0.01, backend)).toThrow(tooWide);
  });

  it("takes a layer whose inputs are all dead", () => {
    const { factor, dead } = dampedFactor(new Float64Array(3), 2, 0.01, backend);
    expect(Array.from(factor, (u) => u + 0)).toEqual([1, 0, 0, 1]);
    expect([...dead]).toEqual([1, 1]);
  });

  describe("on the Hessian that it factored last", () => {
    const order = natural.toReversed();
    const factorOf = (...[packed, damping, asked]: [Float64Array, number?, Uint32Array?]): Float32Array =>
      dampedFactor(packed, COLUMNS, damping ?? 0.01, backend, asked).factor;

    it("answers from memory, for two orders", () => {
      const packed = hessian();
      const [plain, ordered] = [factorOf(packed), factorOf(packed, 0.01, order)];
      expect(factorOf(packed)).toBe(plain);
      expect(factorOf(packed, 0.01, order.slice())).toBe(ordered);
    });

    it("factors again for another damping, order, backend, Hessian or contents", () => {
      const packed = hessian();
      const first = factorOf(packed);
      expect(factorOf(packed, 0.02)).not.toEqual(first);
      expect(factorOf(packed, 0.01, order)).not.toEqual(first);
      expect(dampedFactor(packed, COLUMNS, 0.01, { ...backend }).factor).not.toBe(first);
      expect(factorOf(hessian())).not.toBe(first);
      const before = factorOf(packed);
      packed[5]! += 1;
      expect(factorOf(packed)).not.toEqual(before);
    });
  });
});
