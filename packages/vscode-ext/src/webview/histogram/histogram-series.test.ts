import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistogramBins } from "../../protocol/tensor-messages.js";
import { binText, histogramSeries, histogramSummary, mergeBins, totalCount } from "./histogram-series.js";
import { drawLevels, drawMarks } from "./histogram-view.js";

const BINS: HistogramBins = { edges: Float64Array.of(-2, -1, 0, 1), counts: Float64Array.of(1, 0, 3) };
const INKS = { text: "t", strong: "t", grid: "g", series: ["a", "b", "c"], mark: "m" } as const;

describe("histogramSeries", () => {
  it("stands on the middles; a logarithmic axis has no zero", () => {
    expect(histogramSeries(BINS, false)).toEqual({ middles: [-1.5, -0.5, 0.5], counts: [1, 0, 3] });
    expect(histogramSeries(BINS, true).counts).toEqual([1, null, 3]);
  });
});

describe("mergeBins", () => {
  it("keeps every weight and both ends", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 600 }),
        fc.integer({ min: 1, max: 40 }),
        (counts, most) => {
          const bins = {
            edges: Float64Array.from({ length: counts.length + 1 }, (_, i) => i / 7),
            counts: Float64Array.from(counts),
          };
          const merged = mergeBins(bins, most);
          expect(merged.counts.length).toBeLessThanOrEqual(most);
          expect(merged.edges).toHaveLength(merged.counts.length + 1);
          expect(totalCount(merged)).toBe(totalCount(bins));
          expect([merged.edges[0], merged.edges.at(-1)]).toEqual([bins.edges[0], bins.edges.at(-1)]);
        },
      ),
    );
  });
});

describe("histogram in words", () => {
  it("tells bins and the whole", () => {
    expect(binText(BINS, 2, 4)).toBe("0 to 1: 3 weights (75%)");
    expect(histogramSummary(BINS, [])).toBe(
      "4 weights in 3 bins from -2 to 1; the fullest bin is 0 to 1: 3 weights (75%).",
    );
    expect(histogramSummary(BINS, [1, 2])).toMatch(/2 quantization levels are marked\.$/);
    expect(histogramSummary({ edges: Float64Array.of(0, 1), counts: Float64Array.of(0) }, [])).toBe(
      "No finite values.",
    );
  });
});

describe("drawMarks", () => {
  function marks(
    draw: typeof drawMarks,
    input: Parameters<typeof drawMarks>[1],
  ): { readonly ink: string; readonly x: number }[] {
    const drawn: { ink: string; x: number }[] = [];
    let pending: number[] = [];
    const ctx = {
      strokeStyle: "",
      lineWidth: 1,
      save: () => {},
      restore: () => {},
      rect: () => {},
      clip: () => {},
      setLineDash: () => {},
      beginPath: () => {
        pending = [];
      },
      moveTo: (x: number) => pending.push(x),
      lineTo: () => {},
      stroke() {
        drawn.push(...pending.map((x) => ({ ink: String(ctx.strokeStyle), x })));
      },
    };
    const bbox = { left: 0, top: 0, width: 300, height: 100 };
    draw({ ctx, bbox, valToPos: (value, scale) => (scale === "x" ? 100 * (value + 2) : 100 - value) }, input, INKS);
    return drawn;
  }

  it("draws every level behind the bars, and the threshold on both sides over them", () => {
    const input = { bins: BINS, logarithmic: false, levels: Float64Array.of(-1, 0, 1), threshold: 0.5 };
    expect(marks(drawLevels, input)).toEqual([
      { ink: "b", x: 100 },
      { ink: "b", x: 200 },
      { ink: "b", x: 300 },
    ]);
    expect(marks(drawMarks, input)).toEqual([
      { ink: "m", x: 150 },
      { ink: "m", x: 250 },
    ]);
    for (const draw of [drawLevels, drawMarks]) expect(marks(draw, { bins: BINS, logarithmic: true })).toEqual([]);
  });

  it("draws the other distribution as an outline", () => {
    expect(marks(drawMarks, { bins: BINS, logarithmic: false, compared: { bins: BINS, label: "original" } })).toEqual([
      { ink: "c", x: 0 },
    ]);
  });
});
