import { describe, expect, it } from "vitest";
import type { LogicalRow } from "./logical-row.js";
import { foldEqualModules, moduleTree, treeLines } from "./module-tree.js";

function row(name: string, parameters: number): LogicalRow {
  return { name, storage: "BF16", shape: [parameters], parameters, bytes: parameters * 2, shard: "model.safetensors" };
}

describe("moduleTree", () => {
  const tree = moduleTree([
    row("model.embed.weight", 10),
    row("model.layers.0.up.weight", 3),
    row("model.layers.1.up.weight", 4),
  ]);

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

  it("survives a name of 200 000 dots", () => {
    const lines = treeLines(moduleTree([row(".".repeat(200_000), 1), row("a", 2)]));
    expect(lines.map(({ node }) => node.parameters)).toEqual([3, 1, 2]);
  });

  it("keeps a tensor whose name is also a module", () => {
    const both = moduleTree([row("a", 1), row("a.b", 2)]);
    expect(both).toMatchObject({ name: "a", parameters: 3 });
    expect(both.row?.parameters).toBe(1);
  });
});

describe("foldEqualModules", () => {
  const layer = (index: number, up: number): LogicalRow[] => [
    row(`model.layers.${index}.norm.weight`, 2),
    row(`model.layers.${index}.mlp.up.weight`, up),
  ];
  const lines = (rows: readonly LogicalRow[]): string[] =>
    treeLines(foldEqualModules(moduleTree(rows))).map(({ text }) => text);

  it("shows neighbouring equal layers once, with their sum and the figures of one below", () => {
    const tree = foldEqualModules(moduleTree([...layer(0, 3), ...layer(1, 3), ...layer(2, 3)]));
    const shown = treeLines(tree).map(({ text, node }) => [text, node.parameters, node.bytes]);
    expect(shown).toEqual([
      ["model.layers", 15, 30],
      ["└─ 0 … 2  (3 equal, one shown)", 15, 30],
      ["   ├─ norm.weight", 2, 4],
      ["   └─ mlp.up.weight", 3, 6],
    ]);
  });

  it("begins anew where a shape differs or a number is missing", () => {
    const differing = [...layer(0, 3), ...layer(1, 3), ...layer(2, 4), ...layer(3, 3), ...layer(5, 3), ...layer(6, 3)];
    const names = lines(differing).filter((text) => /[0-9]/.test(text));
    expect(names).toEqual(["├─ 0 … 1  (2 equal, one shown)", "├─ 2", "├─ 3", "└─ 5 … 6  (2 equal, one shown)"]);
  });

  it("begins anew where the storage differs", () => {
    const [first, second] = [row("h.0.weight", 4), { ...row("h.1.weight", 4), storage: "F32", bytes: 16 }];
    expect(lines([first, second])).toEqual(["h", "├─ 0.weight", "└─ 1.weight"]);
  });

  it("folds modules that are one weight each, and experts inside layers", () => {
    expect(lines([row("h.0.weight", 4), row("h.1.weight", 4)])).toEqual(["h", "└─ 0 … 1.weight  (2 equal, one shown)"]);
    const experts = [0, 1].flatMap((layer) => [0, 1].map((expert) => row(`l.${layer}.experts.${expert}.w`, 5)));
    expect(lines([row("e", 1), ...experts])).toEqual([
      ".",
      "├─ e",
      "└─ l",
      "   └─ 0 … 1.experts  (2 equal, one shown)",
      "      └─ 0 … 1.w  (2 equal, one shown)",
    ]);
  });

  it("leaves equal modules with names apart", () => {
    expect(lines([row("a.q.weight", 4), row("a.o.weight", 4)])).toHaveLength(3);
  });
});
