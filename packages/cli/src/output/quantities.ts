/** "10.5 MB": decimal units, three significant digits. */
export function formatBytes(bytes: number): string {
  return inUnits(bytes, ["B", "kB", "MB", "GB", "TB"]);
}

/** "5.25 M": parameter counts. */
export function formatCount(count: number): string {
  return inUnits(count, ["", "k", "M", "G", "T"]).trimEnd();
}

/** Three significant digits in the unit in which they stay below 1000, also when rounded up; whole numbers in the first. */
function inUnits(amount: number, units: readonly string[]): string {
  let value = amount;
  let unit = 0;
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 999.5 ? String(Math.round(value)) : value.toPrecision(3);
  return `${digits} ${units[unit]}`;
}

/** "1 h 02 min", "3 min 05 s", "4.2 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** "9 ms", "1.25 s", "3 min 05 s": durations that were measured. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 9.995 ? `${seconds.toFixed(2)} s` : formatSeconds(seconds);
}

/** Numbers in tables: fixed digits, "–" for none. */
export function formatNumber(value: number | undefined, digits: number): string {
  if (value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return value.toFixed(digits);
}

/** Small figures in tables: three significant digits, with an exponent outside 0.001 to 1000. */
export function formatSignificant(value: number): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return formatNumber(value, 0);
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 999.5 ? value.toPrecision(3) : value.toExponential(1);
}

export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join("×");
}
