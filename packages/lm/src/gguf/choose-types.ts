import { fallbackType } from "./fallback-type.js";
import type { GgufExport, GgufExportTensor, GgufExportType } from "./gguf-export.js";
import type { GgufRecipe } from "./gguf-recipes.js";
import { mixedType } from "./mixed-type.js";

export interface ChooseTypesOptions {
  /** One type for all matrices, the embedding and the output. */
  readonly isPure?: boolean;
  /** The scales are fitted with an importance matrix. */
  readonly hasImatrix?: boolean;
}

export interface ChosenType {
  readonly type: GgufExportType;
  /** Present: the recipe's type, whose blocks do not fill the rows. */
  readonly instead?: GgufExportType;
}

/**
 * Types of all tensors by a recipe, as llama-quantize chooses them: more bits for some blocks' values and second feed-forward
 * matrices, for the output and, in a tied model, the embedding.
 * @returns by name of the tensor
 */
export function chooseTypes(
  model: GgufExport,
  recipe: GgufRecipe,
  options: ChooseTypesOptions = {},
): ReadonlyMap<string, ChosenType> {
  return new Map(model.tensors.map((tensor) => [tensor.name, chooseType(model, tensor, recipe, options)]));
}

function chooseType(
  model: GgufExport,
  tensor: GgufExportTensor,
  recipe: GgufRecipe,
  { isPure = false, hasImatrix = false }: ChooseTypesOptions,
): ChosenType {
  if (tensor.role === "kept") return { type: "F32" };
  if (!isBlockType(recipe.type)) return { type: recipe.type };
  const wanted = isPure ? recipe.type : mixedType(model, tensor, recipe, hasImatrix);
  const columns = tensor.shape.at(-1)!;
  const type = fallbackType(wanted, columns);
  return type === wanted ? { type } : { type, instead: wanted };
}

export function isBlockType(type: GgufExportType): type is Exclude<GgufExportType, "F32" | "F16" | "BF16"> {
  return type !== "F32" && type !== "F16" && type !== "BF16";
}
