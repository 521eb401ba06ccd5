import { describe, expect, it } from "vitest";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { smallLayer } from "../small-layer.fixture.js";
import { gptq } from "./gptq.js";
import { quantizeAsReleased } from "./released-code.fixture.js";
import { countedDiagonal } from "./released-code.js";

const layer = smallLayer({ rows: 6, columns: 300, dead: [7, 140, 141, 260] });
/** Inputs of another unit, so that the ones of dead inputs weigh as much as the others together. */
const quiet = scaleHessian(1e-3);

function scaleHessian(factor: number): typeof layer {
  const hessian = Float64Array.from(layer.statistics.values.hessian!, (value) => factor * value);
  return { ...layer, statistics: { ...layer.statistics, values: { ...layer.statistics.values, hessian } } };
}

function differences(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  return Array.from(wanted).filter((value, i) => Math.abs(found[i]! - value) > 1e-5).length;
}

describe("gptq, option reference", { timeout: 30_000 }, () => {
  it.each([
    { group: 32, actOrder: false },
    { group: 32, actOrder: true },
    { group: 48, actOrder: false },
    { group: 100, actOrder: true },
    { group: 128, actOrder: true },
    { group: 200, actOrder: false },
    { group: "row", actOrder: true },
  ] as const)("has the values of the released code, written down in f64, %j", ({ group, actOrder }) => {
    for (const given of [layer, quiet]) {
      const options = { bits: 3, group, actOrder, scaleDtype: "F32", reference: true };
      const { decoded, terms, inputTransforms } = quantizeLayer(gptq, options, given);
      const groupSize = group === "row" ? undefined : group;
      const wanted = quantizeAsReleased(given, { bits: 3, groupSize, damping: 0.01, actOrder });
      expect(differences(decoded, wanted)).toBe(0);
      const plain = quantizeLayer(gptq, { ...options, reference: false }, given);
      expect(differences(plain.decoded, wanted)).toBeGreaterThan(0);
      expect(plain.terms.map(({ layout }) => layout)).toEqual(terms.map(({ layout }) => layout));
      expect(plain.inputTransforms.map(({ layout }) => layout)).toEqual(inputTransforms.map(({ layout }) => layout));
    }
  });

  it("without dead inputs changes groups that are shorter than a block, and those only", () => {
    const live = smallLayer({ rows: 4, columns: 300 });
    const values = (group: number, reference: boolean) =>
      quantizeLayer(gptq, { bits: 3, group, actOrder: false, reference }, live).decoded;
    expect(values(64, true)).not.toEqual(values(64, false));
    expect(values(128, true)).toEqual(values(128, false));
    expect(values(256, true)).toEqual(values(256, false));
  });
});

describe("countedDiagonal", () => {
  it("counts 1 for every 0", () => {
    const { diagonal, dampingRatio } = countedDiagonal(Float64Array.of(6, 9, 0, 9, 9, 10), 3);
    expect([...diagonal]).toEqual([6, 1, 10]);
    // The mean of 6, 1 and 10 instead of that of 6 and 10.
    expect(dampingRatio * 8).toBeCloseTo(17 / 3, 12);
  });

  it("leaves the damping as it is where all inputs are dead, or none", () => {
    expect(countedDiagonal(Float64Array.of(0, 0, 0), 2).dampingRatio).toBe(1);
    expect(countedDiagonal(Float64Array.of(3, 0, 4), 2).dampingRatio).toBe(1);
  });
});
