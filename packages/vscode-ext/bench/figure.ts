export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "MB";
  /** The value may be as large as this; absent where the figure is there for comparison. */
  readonly limit?: number;
  readonly note: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Every figure beside its limit, in columns of even width. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, limit, note }) => [
    name,
    `${unit === "MB" ? value.toFixed(2) : Math.round(value)} ${unit}`,
    limit === undefined ? "" : `${limit} ${unit}`,
    limit === undefined ? "" : value <= limit ? "within" : "OVER",
    note,
  ]);
  const all = [["figure", "measured", "limit", "", "note"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
