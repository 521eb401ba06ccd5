import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { type AxisProfile, tensorProfiles } from "./tensor-profiles.js";
import { cut, finite, isNear, mean, openCase, windowCase } from "./window-cases.fixture.js";

/** The figures of one span, from the definition. */
function expectSpan(profile: AxisProfile, span: number, values: readonly number[]): void {
  const known = finite(values);
  const rms = Math.sqrt(mean(known.map((value) => value ** 2)));
  expect(profile.absMaximum[span]).toBe(known.length === 0 ? Number.NaN : Math.max(...known.map(Math.abs)));
  expect(isNear(profile.rms[span]!, rms)).toBe(true);
  expect(isNear(profile.mean[span]!, mean(known), rms)).toBe(true);
}

describe("tensorProfiles", () => {
  it("has the figures of every span of rows and of columns", async () => {
    const property = fc.asyncProperty(windowCase, fc.integer({ min: 1, max: 40 }), async (found, maxSpans) => {
      const { checkpoint, tensor, values, context } = await openCase(found);
      const { window } = found;
      const { rows, columns } = await tensorProfiles(checkpoint, tensor, context, { maxSpans, window });
      expect([rows.size, columns.size]).toEqual([window.rows, window.columns]);
      expect(rows.mean.length).toBe(Math.ceil(window.rows / rows.step));
      expect(Math.max(rows.mean.length, columns.mean.length)).toBeLessThanOrEqual(maxSpans);
      rows.mean.forEach((_, span) => {
        const first = span * rows.step;
        const part = { ...window, row: window.row + first, rows: Math.min(rows.step, window.rows - first) };
        expectSpan(rows, span, cut(values, found.columns, part));
      });
      columns.mean.forEach((_, span) => {
        const first = span * columns.step;
        const columnsIn = Math.min(columns.step, window.columns - first);
        const part = { ...window, column: window.column + first, columns: columnsIn };
        expectSpan(columns, span, cut(values, found.columns, part));
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("reduces long axes to 1024 spans", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [2500, 1], new Float32Array(2500).fill(-2));
    const { rows, columns } = await tensorProfiles(checkpoint, tensor, { backend: REFERENCE });
    expect([rows.step, rows.mean.length, columns.step, columns.mean.length]).toEqual([3, 834, 1, 1]);
    expect(rows.mean.every((value) => value === -2)).toBe(true);
    expect([columns.absMaximum[0], columns.rms[0]]).toEqual([2, 2]);
  });

  it("does not overflow where squares are beyond f32", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [1, 2], Float32Array.of(3e38, -3e38));
    const { rows } = await tensorProfiles(checkpoint, tensor, { backend: REFERENCE });
    expect([rows.rms[0], rows.mean[0]]).toEqual([Math.fround(3e38), 0]);
  });

  it.each([{ maxSpans: 0 }, { maxSpans: 8193 }, { window: { row: 0, rows: 2, column: 0, columns: 1 } }])(
    "refuses %j",
    async (options) => {
      const { checkpoint, tensor } = await tensorOfValues("F32", [1, 2], Float32Array.of(1, 2));
      const refused = tensorProfiles(checkpoint, tensor, { backend: REFERENCE }, options);
      await expect(refused).rejects.toMatchObject({ code: "analysis/invalid-option" });
    },
  );
});
