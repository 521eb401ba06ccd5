import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatSeconds,
  formatShape,
  formatSignificant,
} from "./quantities.js";

describe.each<[(value: number) => string, readonly (readonly [number, string])[]]>([
  [
    formatBytes,
    [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1.00 kB"],
      [999_600, "1.00 MB"],
      [10_500_000, "10.5 MB"],
      [2e15, "2000 TB"],
    ],
  ],
  [
    formatCount,
    [
      [7, "7"],
      [1000, "1.00 k"],
      [999_999, "1.00 M"],
      [5_250_000, "5.25 M"],
    ],
  ],
  [
    formatDuration,
    [
      [0, "0 ms"],
      [0.0094, "9 ms"],
      [0.9999, "1.00 s"],
      [1.25, "1.25 s"],
      [9.999, "10 s"],
      [75, "1 min 15 s"],
    ],
  ],
  [
    formatSeconds,
    [
      [0.04, "0.0 s"],
      [9.94, "9.9 s"],
      [9.96, "10 s"],
      [59.6, "1 min 00 s"],
      [119.7, "2 min 00 s"],
      [3599.9, "1 h 00 min"],
      [3720, "1 h 02 min"],
    ],
  ],
  [
    formatSignificant,
    [
      [0, "0"],
      [-0, "0"],
      [0.08317, "0.0832"],
      [-0.0000099, "-9.9e-6"],
      [12345, "1.2e+4"],
      [Number.NaN, "NaN"],
      [-Infinity, "−∞"],
    ],
  ],
])("%o", (format, cases) => {
  it.each(cases.map(([value, text]) => ({ value, text })))("$value → $text", ({ value, text }) => {
    expect(format(value)).toBe(text);
  });
});

it("formatShape", () => {
  expect([formatShape([]), formatShape([3]), formatShape([2, 3])]).toEqual(["scalar", "3", "2×3"]);
});
