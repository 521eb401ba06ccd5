import type { LayerQuery } from "../../protocol/layer-messages.js";
import type { OpenModel } from "../../protocol/overview-messages.js";

/** The same table from a terminal; absent where the command line has no such order. */
export function inspectCommand(model: Pick<OpenModel, "name" | "shellPath">, query: LayerQuery): string {
  const path = model.shellPath ?? quoted(model.name);
  const words = ["lowbit", "inspect", path];
  if (query.filter !== "") words.push("--tensor", quoted(asGlob(query.filter)));
  const sort = COMMAND_SORTS[query.sort];
  if (query.tree && sort === "name") {
    words.push("--tree");
    if (!query.foldEqual) words.push("--all");
  } else if (sort !== undefined && sort !== "name") words.push("--sort", sort);
  return words.join(" ");
}

/** The orders that the command knows too. */
const COMMAND_SORTS: Readonly<Partial<Record<LayerQuery["sort"], string>>> = {
  name: "name",
  parameters: "parameters",
  bytes: "bytes",
  bitsPerWeight: "bpw",
};

/** Text that names contain is a glob of its own on the command line. */
function asGlob(filter: string): string {
  return /[*?[\]]/u.test(filter) ? filter : `*${filter}*`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
