import { describe, expect, it } from "vitest";
import type { MaskedLayout } from "../../terms/masked.js";
import { termByteLength } from "../../terms/term-arrays.js";
import { expectSoundLayer } from "../fits/expect-sound-layer.fixture.js";
import { expectLayer, readGoldenLayer } from "../fits/golden-layer.fixture.js";
import { HARD_LAYERS } from "../fits/hard-layers.fixture.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { smallLayer } from "../small-layer.fixture.js";
import { pbLlm } from "./pb-llm.js";

const golden = readGoldenLayer<{ metric: string; fit: string; share: number }>(
  "./__golden__/partial.json",
  import.meta.url,
);

describe("pb-llm", () => {
  it.each(golden.cases)("agrees with numpy: metric $metric, fit $fit, share $share", ({ decoded, ...given }) => {
    const found = quantizeLayer(pbLlm, { ...golden.options, ...given, scaleDtype: "F32" }, golden.layer);
    expectLayer(found.decoded, decoded);
  });

  it.each(HARD_LAYERS)("stores what its loop worked with: %s", (_, layer) => {
    for (const fit of ["biased", "unbiased"]) {
      for (const share of [0, 0.01, 0.3, 1]) expectSoundLayer(pbLlm, { fit, share }, layer);
    }
  });

  it.each([0.001, 0.05, 0.1, 1 / 3, 0.5, 0.999, 1])("keeps exactly the share %d, as planned", (share) => {
    for (const metric of ["hessian", "magnitude"]) {
      const layer = smallLayer({ rows: 13, columns: 72 });
      // Many equal weights: a threshold alone would keep too many.
      for (let i = 0; i < layer.weights.values.length; i += 3) layer.weights.values[i] = 1;
      const { terms } = quantizeLayer(pbLlm, { share, metric }, layer);
      expect((terms[1]!.layout as MaskedLayout).count).toBe(Math.round(share * 13 * 72));
      const plan = pbLlm.layout(layer.weights, resolveOptions(pbLlm, { share, metric }));
      expect(plan.terms).toEqual(terms.map((term) => term.layout));
    }
  });

  it("stores positions in the smaller form", () => {
    const shape = { rows: 64, columns: 512 };
    for (const [share, positions] of [
      [0.001, "indices"],
      [0.1, "bitmap"],
    ] as const) {
      const masked = pbLlm.layout(shape, resolveOptions(pbLlm, { share })).terms[1] as MaskedLayout;
      expect(masked.positions).toBe(positions);
      const other = { ...masked, positions: positions === "bitmap" ? "indices" : "bitmap" } as const;
      expect(termByteLength(masked)).toBeLessThan(termByteLength(other));
    }
  });

  it("brings salient weights within half a step of the row where inputs are independent", () => {
    const layer = smallLayer({ rows: 7, columns: 48 });
    const hessian = new Float64Array((48 * 49) / 2);
    for (let j = 0; j < 48; j++) hessian[(j * (j + 3)) / 2] = 2;
    const independent = { ...layer, statistics: { ...layer.statistics, values: { hessian } } };
    const { decoded } = quantizeLayer(pbLlm, { share: 1, scaleDtype: "F32" }, independent);
    const { values } = layer.weights;
    for (let row = 0; row < 7; row++) {
      const weights = values.subarray(row * 48, (row + 1) * 48);
      const step = (Math.max(...weights) - Math.min(...weights)) / 255;
      weights.forEach((w, j) => {
        expect(Math.abs(w - decoded[row * 48 + j]!)).toBeLessThan(step * 0.501);
      });
    }
  });

  it("claims what the paper counts", () => {
    expect(pbLlm.claimedBitsPerWeight({ rows: 1, columns: 1 }, resolveOptions(pbLlm, { share: 0.1 }))).toBeCloseTo(
      1.7,
      12,
    );
  });
});
