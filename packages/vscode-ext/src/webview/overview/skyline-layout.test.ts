import { describe, expect, it } from "vitest";
import type { SkylineColumn } from "../../protocol/overview-messages.js";
import { layoutSkyline } from "./skyline-layout.js";

const share = (storage: string, bytes: number) => ({ storage, count: 1, parameters: 1, bytes, isQuantized: false });
const column = (bitsPerWeight: number, storages = [share("BF16", 10)]): SkylineColumn => ({
  label: "layers 0",
  firstWeight: "w",
  parameters: 1,
  bytes: 1,
  bitsPerWeight,
  storages,
});

describe("layoutSkyline", () => {
  it("makes heights proportional to bits, up to the next power of two", () => {
    const { bars, ticks, baseline } = layoutSkyline([column(16), column(4), column(2)], 600, 200);
    expect(ticks.map(({ bits }) => bits)).toEqual([0, 4, 8, 12, 16]);
    expect(bars[0]!.height / bars[1]!.height).toBeCloseTo(4);
    expect(bars[1]!.height / bars[2]!.height).toBeCloseTo(2);
    expect(bars[0]!.y).toBeCloseTo(ticks[4]!.y);
    expect(bars.every((bar) => Math.abs(bar.y + bar.height - baseline) < 1e-9)).toBe(true);
  });

  it("shares a column by bytes, the first storage at the bottom", () => {
    const { bars, baseline } = layoutSkyline([column(8, [share("Q4", 30), share("BF16", 10)])], 600, 200);
    const [lower, upper] = bars[0]!.segments;
    expect(lower!.height / upper!.height).toBeCloseTo(3);
    expect(lower!.y + lower!.height).toBeCloseTo(baseline);
    expect(upper!.y + upper!.height).toBeCloseTo(lower!.y);
  });

  it("keeps columns apart and within the picture, however many there are", () => {
    for (const count of [1, 7, 100, 1000, 100_000]) {
      const { bars, width } = layoutSkyline(
        Array.from({ length: count }, () => column(4)),
        600,
        200,
      );
      expect(width).toBeLessThanOrEqual(16_000);
      const misplaced = bars.filter(
        (bar, index) => !(bar.width > 0 && bar.x + bar.width <= (bars[index + 1]?.x ?? width) + 1e-6),
      );
      expect(bars).toHaveLength(count);
      expect(misplaced).toEqual([]);
    }
  });

  it("draws nothing for columns without bits, and no picture fails", () => {
    const { bars } = layoutSkyline([column(Number.NaN), column(0, []), column(Number.POSITIVE_INFINITY)], 600, 200);
    expect(bars.map(({ height }) => height)).toEqual([0, 0, 0]);
    expect(layoutSkyline([], 600, 200).bars).toEqual([]);
  });
});
