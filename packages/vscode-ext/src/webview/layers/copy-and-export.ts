import type { LayerLine, LayerQuery, LayerStatistics } from "../../protocol/layer-messages.js";
import { formatCount } from "../format-figures.js";
import type { PageContext } from "../page.js";
import { t } from "../texts.js";
import { linesAsText } from "./lines-as-text.js";

type Asking = Pick<PageContext, "request" | "announce">;

/** Lines that are here to the clipboard. */
export async function copyLines(
  context: Asking,
  lines: readonly LayerLine[],
  statisticsOf: (line: LayerLine) => LayerStatistics | undefined,
): Promise<void> {
  await context.request("host/copy", { text: linesAsText(lines, statisticsOf) });
  context.announce(t("{0} lines copied", formatCount(lines.length)));
}

/** The whole table to the clipboard, written by the engine. */
export async function copyTable(context: Asking, query: LayerQuery): Promise<void> {
  const table = await context.request("layers/export", { ...query, format: "tsv" });
  await context.request("host/copy", { text: table.text });
  context.announce(t("{0} lines copied", formatCount(table.lines)));
}

/** The whole table into a file: it never passes through the page. */
export async function exportTable(context: Asking, query: LayerQuery, format: "csv" | "json"): Promise<void> {
  const { path } = await context.request("host/export-layers", { ...query, format });
  context.announce(path === undefined ? t("Nothing was exported.") : t("Exported to {0}", path));
}
