import type { LayerQuery } from "../../protocol/layer-messages.js";
import type { Ask } from "../../protocol/rpc-client.js";
import { toggled } from "./layers-state.js";

/**
 * Where a weight stands, and the query under which it is seen: with everything unfolded that hides it, and without the
 * filter where that leaves it out. Absent where the model has no such weight.
 */
export async function locateWeight(
  request: Ask,
  query: LayerQuery,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly line: number; readonly query: LayerQuery } | undefined> {
  for (const filter of new Set([query.filter, ""])) {
    const asked = { ...query, filter };
    const { line, unfolded } = await request("layers/locate", { ...asked, name }, { signal });
    if (line >= 0) return { line, query: unfolded.reduce(toggled, asked) };
  }
  return undefined;
}
