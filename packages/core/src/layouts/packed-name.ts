import type { LayoutRefusal, WholeWeight } from "./layout-writer.js";

/**
 * The module of a weight that layouts of other tools can name: "model.layers.0.mlp.up_proj" of "….weight". They store
 * matrices of linear layers, without input transforms.
 */
export function packedModule({ name, shape, transforms }: WholeWeight): { readonly module: string } | LayoutRefusal {
  if (!name.endsWith(".weight")) return { reason: `a name that does not end with ".weight"` };
  if (shape.length !== 2) return { reason: `${shape.length} axes, where it stores 2` };
  if (transforms.length > 0) return { reason: `the input transform "${transforms[0]!.layout.kind}"` };
  return { module: name.slice(0, -".weight".length) };
}

/**
 * Modules that clients must leave alone, by the names of the matrices that stay plain. The output head is always named
 * unless it is packed: where it shares the embedding no tensor shows it.
 */
export function plainModules(packed: ReadonlyMap<string, unknown>, kept: readonly string[]): string[] {
  const modules = kept.filter((name) => name.endsWith(".weight")).map((name) => name.slice(0, -".weight".length));
  const head = [...packed.keys()].some((name) => /(^|\.)lm_head\.weight$/.test(name));
  return head || modules.some((name) => /(^|\.)lm_head$/.test(name)) ? modules : [...modules, "lm_head"];
}
