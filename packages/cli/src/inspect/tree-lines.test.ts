import { foldEqualModules, moduleTree } from "@lowbit/core/analysis";
import type { LogicalRow } from "@lowbit/core/layouts";
import { describe, expect, it } from "vitest";
import { treeLines } from "./tree-lines.js";

function row(name: string, parameters: number): LogicalRow {
  return { name, storage: "BF16", shape: [parameters], parameters, bytes: parameters * 2, shard: "model.safetensors" };
}

describe("treeLines", () => {
  it("draws stems, with the node of every line", () => {
    const tree = moduleTree([row("a.b.weight", 1), row("a.c.0.w", 3), row("a.c.1.w", 4), row("d", 5)]);
    expect(treeLines(tree).map(({ text, node }) => [text, node.parameters])).toEqual([
      [".", 13],
      ["├─ a", 8],
      ["│  ├─ b.weight", 1],
      ["│  └─ c", 7],
      ["│     ├─ 0.w", 3],
      ["│     └─ 1.w", 4],
      ["└─ d", 5],
    ]);
  });

  it("says how many a folded module stands for", () => {
    const tree = foldEqualModules(moduleTree([0, 1, 2].map((block) => row(`h.${block}.w`, 2))));
    expect(treeLines(tree).map(({ text }) => text)).toEqual(["h", "└─ 0 … 2.w  (3 equal, one shown)"]);
  });
});
