import { LowbitError } from "@lowbit/core/errors";
import { LAYOUT_WRITERS, type LayoutWriter } from "@lowbit/core/layouts";
import type { PlainTargetDtype } from "@lowbit/core/node";
import { GGUF_RECIPES, type GgufRecipe, ggufRecipe } from "@lowbit/lm";

/** What `--to LAYOUT[:TYPE]` names. */
export type Target =
  | { readonly kind: "lowbit"; readonly name: string }
  | { readonly kind: "plain"; readonly name: string; readonly dtype?: PlainTargetDtype }
  | { readonly kind: "gguf"; readonly name: string; readonly recipe?: GgufRecipe }
  | { readonly kind: "imatrix"; readonly name: string }
  | { readonly kind: "writer"; readonly name: string; readonly writer: LayoutWriter; readonly type?: string };

const PLAIN: Readonly<Record<string, PlainTargetDtype>> = { f16: "F16", bf16: "BF16", f32: "F32" };

/** @throws `convert/unknown-layout`, `model/gguf-recipe` */
export function parseTarget(text: string): Target {
  const colon = text.indexOf(":");
  const layout = text.slice(0, colon < 0 ? undefined : colon);
  const type = colon < 0 ? undefined : text.slice(colon + 1);
  if (layout === "gguf") {
    if (type === undefined) return { kind: "gguf", name: layout };
    const recipe = ggufRecipe(type);
    return { kind: "gguf", name: `gguf:${recipe.name}`, recipe };
  }
  if (layout === "safetensors") {
    if (type === undefined) return { kind: "plain", name: layout };
    const dtype = PLAIN[type.toLowerCase()];
    if (dtype === undefined) throw unknownType(layout, type, ["F16", "BF16", "F32"]);
    return { kind: "plain", name: `safetensors:${dtype}`, dtype };
  }
  if (layout === "lowbit" || layout === "imatrix") {
    if (type !== undefined) throw unknownType(layout, type, []);
    return { kind: layout, name: layout };
  }
  const writer = LAYOUT_WRITERS.find(({ name }) => name === layout);
  if (writer === undefined) throw unknownLayout(layout);
  if (type === undefined) return { kind: "writer", name: layout, writer };
  if (!writer.types.includes(type)) throw unknownType(layout, type, writer.types);
  return { kind: "writer", name: `${layout}:${type}`, writer, type };
}

/** Every layout with its types, for help and messages. */
function targetList(): readonly string[] {
  return [
    `gguf[:${GGUF_RECIPES.map(({ name }) => name).join("|")}]`,
    "safetensors[:F16|BF16|F32]",
    "lowbit",
    ...LAYOUT_WRITERS.map(({ name, types }) => (types.length === 0 ? name : `${name}[:${types.join("|")}]`)),
    "imatrix",
  ];
}

function unknownLayout(found: string): LowbitError {
  const known = targetList();
  return new LowbitError("convert/unknown-layout", `No layout is called "${found}"; known: ${known.join(", ")}.`, {
    found,
    known,
  });
}

function unknownType(layout: string, found: string, allowed: readonly string[]): LowbitError {
  const known = allowed.length === 0 ? `give ${layout} alone` : `known: ${allowed.join(", ")}`;
  return new LowbitError("convert/unknown-layout", `${layout} has no type "${found}"; ${known}.`, {
    layout,
    found,
    known: allowed,
  });
}
