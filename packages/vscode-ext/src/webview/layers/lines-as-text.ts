import type { LayerLine, LayerStatistics } from "../../protocol/layer-messages.js";

const HEADINGS = [
  "name",
  "storage",
  "shape",
  "parameters",
  "bytes",
  "storedBitsPerWeight",
  "claimedBitsPerWeight",
  "absMaximum",
  "rms",
  "kurtosis",
  "outlierShare",
  "nanCount",
  "infiniteCount",
];

/** Lines as tab-separated values with exact figures, for a spreadsheet; a field never holds a tab or a line break. */
export function linesAsText(
  lines: readonly LayerLine[],
  statisticsOf: (line: LayerLine) => LayerStatistics | undefined,
): string {
  const rows = lines.map((line) => {
    const statistics = statisticsOf(line);
    return [
      line.name ?? line.label,
      line.storage,
      line.shape.join("x"),
      line.parameters,
      line.bytes,
      line.storedBitsPerWeight,
      line.claimedBitsPerWeight,
      statistics?.absMaximum,
      statistics?.rms,
      statistics?.kurtosis,
      statistics?.outlierShare,
      statistics?.nanCount,
      statistics?.infiniteCount,
    ];
  });
  return [HEADINGS, ...rows].map((fields) => `${fields.map(field).join("\t")}\n`).join("");
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it: names come from the file. */
function field(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return /^[=+\-@]/u.test(text) ? `'${text}` : text;
}
