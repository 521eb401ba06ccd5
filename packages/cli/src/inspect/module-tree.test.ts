import { describe, expect, it } from "vitest";
import type { LogicalRow } from "./logical-row.js";
import { moduleTree, treeLines } from "./module-tree.js";

function row(name: string, parameters: number): LogicalRow {
  return { name, storage: "BF16", shape: [parameters], parameters, bytes: parameters * 2, shard: "model.safetensors" };
}

describe("moduleTree", () => {
  const tree = moduleTree([row("model.embed.weight", 10), row("model.layers.0.up.weight", 3), row("model.layers.1.up.weight", 4)]);

  it("adds up what lies below a module", () => {
    expect(tree).toMatchObject({ name: "model", parameters: 17, bytes: 34 });
    const layers = tree.children.find(({ name }) => name === "layers");
    expect(layers).toMatchObject({ parameters: 7, bytes: 14 });
  });

  it("joins a module with its only child", () => {
    expect(treeLines(tree).map(({ text }) => text)).toEqual([
      "model",
      "├─ embed.weight",
      "└─ layers",
      "   ├─ 0.up.weight",
      "   └─ 1.up.weight",
    ]);
  });

  it("keeps a tensor whose name is also a module", () => {
    const both = moduleTree([row("a", 1), row("a.b", 2)]);
    expect(both).toMatchObject({ name: "a", parameters: 3 });
    expect(both.row?.parameters).toBe(1);
  });
});
