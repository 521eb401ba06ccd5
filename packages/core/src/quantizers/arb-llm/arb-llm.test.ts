import { describe, expect, it } from "vitest";
import type { SignLayout } from "../../terms/sign.js";
import { expectSoundLayer } from "../fits/expect-sound-layer.fixture.js";
import { HARD_LAYERS } from "../fits/hard-layers.fixture.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { smallLayer } from "../small-layer.fixture.js";
import { arbLlm } from "./arb-llm.js";

const VARIANTS = ["plain", "x", "rc"] as const;

describe.each(VARIANTS)("arb-llm %s", (variant) => {
  it.each(HARD_LAYERS)("stores what its loop worked with: %s", (_, layer) => {
    for (const columnGroupBitmap of [true, false]) {
      expectSoundLayer(arbLlm, { variant, columnGroupBitmap, iterations: 4 }, layer);
    }
    expectSoundLayer(arbLlm, { variant, block: 16, salientLimit: 2, metric: "magnitude", iterations: 2 }, layer);
  });

  it("stores means, or a scale a column in their place; zones and salient columns with the bitmap alone", () => {
    const layer = smallLayer({ rows: 8, columns: 100 });
    const layouts = (columnGroupBitmap: boolean): SignLayout[] =>
      quantizeLayer(arbLlm, { variant, columnGroupBitmap, block: 32 }, layer).terms.map(
        (term) => term.layout as SignLayout,
      );
    const [whole, ...none] = layouts(false);
    expect(none).toEqual([]);
    expect(whole!.coveredColumns).toBeUndefined();
    const [rest, first, second] = layouts(true);
    expect([rest!.zones, first!.zones, second!.zones, whole!.zones]).toEqual([2, 2, 2, 1]);
    expect([rest!.hasMean, first!.hasMean, second!.hasMean]).toEqual([variant !== "rc", variant !== "rc", false]);
    expect([rest!.hasColumnScale, second!.hasColumnScale]).toEqual([variant === "rc", variant === "rc"]);
  });

  it("errs less with the bitmap, and no more with more rounds", () => {
    const layer = smallLayer({ rows: 64, columns: 96 });
    const error = (given: object): number => quantizeLayer(arbLlm, { variant, block: 32, ...given }, layer).error;
    const refined = error({});
    expect(refined).toBeLessThan(0.6 * error({ columnGroupBitmap: false }));
    expect(refined).toBeLessThan(error({ iterations: 1 }) * 1.02);
  });
});
