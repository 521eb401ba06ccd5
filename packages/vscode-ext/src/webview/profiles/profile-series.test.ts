import { describe, expect, it } from "vitest";
import type { AxisProfile } from "../../protocol/tensor-messages.js";
import { profileSpan, profileSummary, spanFiguresText, spanMiddles, topSpans } from "./profile-series.js";

const PROFILE: AxisProfile = {
  step: 4,
  size: 10,
  absMaximum: Float32Array.of(1, 3, 3),
  rms: Float32Array.of(0.5, 0.25, 1),
  mean: Float32Array.of(0, -0.5, 0.125),
};

describe("profiles", () => {
  it("place spans, the last one shorter", () => {
    expect(profileSpan(PROFILE, 2)).toEqual({ begin: 8, length: 2 });
    expect(spanMiddles(PROFILE)).toEqual([1.5, 5.5, 8.5]);
    expect(spanMiddles({ ...PROFILE, step: 1, size: 3 })).toEqual([0, 1, 2]);
  });

  it("are told in words", () => {
    expect(spanFiguresText("rows", PROFILE, 1)).toBe("rows 4–7: largest |w| 3, RMS 0.25, mean -0.5");
    expect(spanFiguresText("columns", { ...PROFILE, step: 1 }, 2)).toBe("column 2: largest |w| 3, RMS 1, mean 0.125");
    expect(profileSummary("rows", PROFILE)).toBe(
      "The largest weight lies in rows 4–7: largest |w| 3, RMS 0.25, mean -0.5. RMS from 0.25 to 1, median 0.5.",
    );
    const none = Float32Array.of(Number.NaN, Number.NaN, Number.NaN);
    expect(profileSummary("rows", { ...PROFILE, absMaximum: none, rms: none })).toBe("No finite values.");
  });

  it("list the largest first, equal ones in their order", () => {
    expect(topSpans(PROFILE, 2)).toEqual([1, 2]);
    expect(topSpans({ ...PROFILE, absMaximum: Float32Array.of(Number.NaN, 1, 2) }, 9)).toEqual([2, 1]);
  });
});
