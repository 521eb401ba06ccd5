// Sizes read alike in pages, status bar and tree.

/** Binary units: 1536 → "1.50 KiB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit + 1 < units.length) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value < 9.995 ? 2 : 1)} ${units[unit]}`;
}

/** Bits per weight: "4.127", "16". */
export function formatBits(bits: number): string {
  return String(Number(bits.toFixed(3)));
}
