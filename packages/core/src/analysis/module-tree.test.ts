import { describe, expect, it } from "vitest";
import { foldEqualModules, type ModuleNode, moduleTree, type TreeWeight } from "./module-tree.js";

function row(name: string, parameters: number): TreeWeight {
  return { name, storage: "BF16", shape: [parameters], parameters, bytes: parameters * 2 };
}

/** Name and parameters of every node, indented by depth. */
function outline(node: ModuleNode, depth = 0): string[] {
  const equal = node.equal === undefined ? "" : ` (${node.equal} equal)`;
  const own = `${" ".repeat(depth)}${node.name || "."} ${node.parameters}${equal}`;
  return [own, ...node.children.flatMap((child) => outline(child, depth + 1))];
}

describe("moduleTree", () => {
  const tree = moduleTree([
    row("model.embed.weight", 10),
    row("model.layers.0.up.weight", 3),
    row("model.layers.1.up.weight", 4),
  ]);

  it("adds up what lies below a module, and joins a module with its only child", () => {
    expect(outline(tree)).toEqual(["model 17", " embed.weight 10", " layers 7", "  0.up.weight 3", "  1.up.weight 4"]);
    expect(tree.bytes).toBe(34);
  });

  it("survives a name of 200 000 dots", () => {
    const { children, parameters } = moduleTree([row(".".repeat(200_000), 1), row("a", 2)]);
    expect([parameters, ...children.map((child) => child.parameters)]).toEqual([3, 1, 2]);
  });

  it("keeps a tensor whose name is also a module", () => {
    const both = moduleTree([row("a", 1), row("a.b", 2)]);
    expect(both).toMatchObject({ name: "a", parameters: 3 });
    expect(both.row?.parameters).toBe(1);
  });

  it("keeps names that objects have by themselves", () => {
    expect(outline(moduleTree([row("__proto__.constructor", 1), row("toString", 2)]))).toEqual([
      ". 3",
      " __proto__.constructor 1",
      " toString 2",
    ]);
  });
});

describe("foldEqualModules", () => {
  const layer = (index: number, up: number): TreeWeight[] => [
    row(`model.layers.${index}.norm.weight`, 2),
    row(`model.layers.${index}.mlp.up.weight`, up),
  ];
  const folded = (rows: readonly TreeWeight[]): string[] => outline(foldEqualModules(moduleTree(rows)));

  it("has neighbouring equal layers once, with their sum and the figures of one below", () => {
    expect(folded([...layer(0, 3), ...layer(1, 3), ...layer(2, 3)])).toEqual([
      "model.layers 15",
      " 0 … 2 15 (3 equal)",
      "  norm.weight 2",
      "  mlp.up.weight 3",
    ]);
  });

  it("begins anew where a shape differs or a number is missing", () => {
    const differing = [...layer(0, 3), ...layer(1, 3), ...layer(2, 4), ...layer(3, 3), ...layer(5, 3), ...layer(6, 3)];
    expect(folded(differing).filter((line) => /^ \d/.test(line))).toEqual([
      " 0 … 1 10 (2 equal)",
      " 2 6",
      " 3 5",
      " 5 … 6 10 (2 equal)",
    ]);
  });

  it("begins anew where the storage, the bytes or a name far below differ", () => {
    const other = (change: Partial<TreeWeight>) => folded([row("h.0.a.b", 4), { ...row("h.1.a.b", 4), ...change }]);
    expect(other({})).toHaveLength(2);
    for (const change of [{ storage: "F16" }, { bytes: 9 }, { shape: [2, 2] }]) expect(other(change)).toHaveLength(3);
    expect(folded([row("h.0.a.b", 4), row("h.0.a.c", 4), row("h.1.a.b", 4), row("h.1.a.d", 4)])).toHaveLength(7);
  });

  it("folds modules that are one weight each, and experts inside layers", () => {
    expect(folded([row("h.0.weight", 4), row("h.1.weight", 4)])).toEqual(["h 8", " 0 … 1.weight 8 (2 equal)"]);
    const experts = [0, 1].flatMap((block) => [0, 1].map((expert) => row(`l.${block}.experts.${expert}.w`, 5)));
    expect(folded([row("e", 1), ...experts])).toEqual([
      ". 21",
      " e 1",
      " l 20",
      "  0 … 1.experts 20 (2 equal)",
      "   0 … 1.w 10 (2 equal)",
    ]);
  });

  it("leaves equal modules with names apart", () => {
    expect(folded([row("a.q.weight", 4), row("a.o.weight", 4)])).toHaveLength(3);
  });
});
