export { formatBits, formatBytes } from "../protocol/format-size.js";

const grouped = new Intl.NumberFormat("en-US");

/** 1234567 → "1,234,567". */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** 134515008 → "134.5M"; under ten thousand as it is. */
export function formatLarge(count: number): string {
  if (count < 10_000) return grouped.format(count);
  const units = ["K", "M", "B", "T"];
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.95 && unit + 1 < units.length) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 9.995 ? 2 : 1)}${units[unit]}`;
}

/** Four significant digits, as short as they go: "0.0213", "3.4e-7", "NaN". */
export function formatReal(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e7)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** 0.00123 → "0.123%"; two digits below a ten-thousandth: "0.0051%". */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  return `${Number(percent.toPrecision(Math.abs(percent) < 0.01 ? 2 : 3))}%`;
}

/** [576, 1536] → "576 × 1536"; a scalar is "scalar". */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join(" × ");
}

/** Cosines lie close to 1: what counts is how far they are from it. */
export function formatCosine(cosine: number): string {
  return Number.isFinite(cosine) ? cosine.toFixed(6).replace(/\.?0+$/, "") : formatReal(cosine);
}
