import type { LayerQuery } from "../../protocol/layer-messages.js";
import { childPath, foldingOf, lineId } from "./flat-lines.js";
import type { LayerNode } from "./layer-tree.js";

export interface LocatedWeight {
  /** In whose line the weight stands: its own node, or that of the first of equal ones. */
  readonly node: LayerNode;
  /** Folded lines above it, outermost first. */
  readonly hiddenBy: readonly string[];
}

/** The way to a weight by its name; undefined where it is not in the tree. */
export function locateWeight(
  root: LayerNode,
  query: Pick<LayerQuery, "unfolded" | "except">,
  name: string,
): LocatedWeight | undefined {
  const isUnfolded = foldingOf(query);
  const descend = (
    node: LayerNode,
    path: string,
    rest: string,
    hiddenBy: readonly string[],
  ): LocatedWeight | undefined => {
    for (const child of node.children) {
      const below = restBelow(child, rest);
      if (below === undefined) continue;
      const id = lineId(path, child);
      if (below === "" && child.row !== undefined) return { node: child, hiddenBy };
      const hidden = child.children.length > 0 && !isUnfolded(id, true) ? [...hiddenBy, id] : hiddenBy;
      const found = below === "" ? undefined : descend(child, childPath(path, child), below, hidden);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return descend(root, "", name, []);
}

/** What is left of a name below this node; undefined where the name does not lead through it. */
function restBelow({ name, equal }: LayerNode, rest: string): string | undefined {
  if (equal === undefined) return afterPart(rest, name);
  const range = /^(\d+) … (\d+)(.*)$/su.exec(name);
  const number = /^\d+/u.exec(rest)?.[0];
  if (range === null || number === undefined) return undefined;
  const [, first, last, end] = range;
  if (Number(number) < Number(first) || Number(number) > Number(last)) return undefined;
  return afterPart(rest, number + end);
}

function afterPart(rest: string, part: string): string | undefined {
  if (rest === part) return "";
  return rest.startsWith(`${part}.`) ? rest.slice(part.length + 1) : undefined;
}
