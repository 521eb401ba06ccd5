import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { expectDecoded, readGolden } from "../golden.fixture.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { svid } from "./svid.js";

const golden = readGolden<{ decoded: number[] }>("./__golden__/leading-singular-pair.json", import.meta.url);

describe("svid", () => {
  it.each(golden.cases)("tends to the leading singular pair of |W|", ({ decoded }) => {
    const given = { iterations: 30, scaleDtype: "F32" };
    expectDecoded(quantizeMatrix(svid, given, golden.weights, golden.columns).decoded, decoded);
  });

  it("is within 0.1 % of it after ten rounds", () => {
    const [{ decoded }] = golden.cases as [{ decoded: number[] }];
    const noise = (approximation: ArrayLike<number>): number =>
      golden.weights.reduce((sum, w, i) => sum + (w - approximation[i]!) ** 2, 0);
    const tenRounds = quantizeMatrix(svid, {}, golden.weights, golden.columns).decoded;
    expect(noise(tenRounds)).toBeLessThan(1.001 * noise(decoded));
  });

  it("recovers sign times rank one, whatever the size of the weights", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0.5, max: 4, noNaN: true }), { minLength: 4, maxLength: 12 }),
        fc.array(fc.float({ min: 0.5, max: 4, noNaN: true }), { minLength: 4, maxLength: 12 }),
        fc.constantFrom(1e-6, 1, 1e4),
        (g, h, size) => {
          const weights = Float32Array.from({ length: g.length * h.length }, (_, i) => {
            const sign = (i * 7) % 3 === 0 ? -1 : 1;
            return sign * g[Math.floor(i / h.length)]! * h[i % h.length]! * size;
          });
          const given = { scaleDtype: "F32" };
          expect(quantizeMatrix(svid, given, weights, h.length).relativeSquaredError).toBeLessThan(1e-10);
        },
      ),
    );
  });

  it("stores column scales of mean square 1", () => {
    const [term] = quantizeMatrix(
      svid,
      {},
      normalWeights(40 * 172, 61).map((w) => w * 1e-3),
      172,
    ).terms;
    const { columnScale } = (term as Term<SignLayout>).arrays;
    const squares = Array.from({ length: 172 }, (_, c) => loadScale(columnScale!, "F16", c) ** 2);
    expect(squares.reduce((sum, square) => sum + square, 0) / 172).toBeCloseTo(1, 3);
  });

  it("codes zeros and rows or columns of zeros", () => {
    expect([...quantizeMatrix(svid, {}, new Float32Array(6), 3).decoded].every((w) => w === 0)).toBe(true);
    const weights = Float32Array.of(0, 0, 0, 0, 2, -2, 0, 2, 2);
    const { decoded } = quantizeMatrix(svid, { scaleDtype: "F32" }, weights, 3);
    decoded.forEach((w, i) => {
      expect(w).toBeCloseTo(weights[i]!, 5);
    });
  });
});
