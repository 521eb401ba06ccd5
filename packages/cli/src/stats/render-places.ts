import type { IndexList, ValuePlaces } from "@lowbit/core/analysis";
import { printable } from "../output/printable.js";
import { formatSignificant } from "../output/quantities.js";
import { paint } from "../output/style.js";

/** Places shown per tensor; `--json` has all that were kept. */
const SHOWN = 5;

/** Where outliers, dead and constant rows and dead columns are; tensors without any are left out. */
export function renderPlaces(places: ReadonlyMap<string, ValuePlaces>): string {
  const lines: string[] = [];
  for (const [name, found] of places) {
    const parts = [
      found.outlierCount > 0 &&
        `${found.outlierCount} ${found.outlierCount === 1 ? "outlier" : "outliers"}: ${found.outliers
          .slice(0, SHOWN)
          .map(({ row, column, value }) => `[${row}, ${column}] ${formatSignificant(value)}`)
          .join("  ")}${found.outlierCount > SHOWN ? "  …" : ""}`,
      describeList("dead row", found.deadRows),
      describeList("constant row", found.constantRows),
      describeList("dead column", found.deadColumns),
    ].filter((part) => part !== false);
    if (parts.length > 0)
      lines.push(`${paint("bold", printable(name))}\n${parts.map((part) => `  ${part}`).join("\n")}`);
  }
  return lines.length > 0 ? lines.join("\n") : "No outliers, no dead or constant rows, no dead columns.";
}

function describeList(title: string, { count, first }: IndexList): string | false {
  return (
    count > 0 &&
    `${count} ${title}${count === 1 ? "" : "s"}: ${first.slice(0, SHOWN).join(", ")}${count > SHOWN ? ", …" : ""}`
  );
}
