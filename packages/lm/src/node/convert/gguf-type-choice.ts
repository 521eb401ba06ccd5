import { LowbitError } from "@lowbit/core/errors";
import { type ChosenType, chooseTypes } from "../../gguf/choose-types.js";
import { fallbackType } from "../../gguf/fallback-type.js";
import type { GgufExport, GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";
import type { GgufRecipe } from "../../gguf/gguf-recipes.js";

/** A type for the tensors that a pattern names. */
export interface TensorTypeRule {
  /** For people: `--tensor-type "*.ffn_down.*=Q6_K"`. */
  readonly origin: string;
  /** Names are those of the GGUF file. */
  matches(name: string): boolean;
  readonly type: GgufExportType;
}

/** Which type every tensor of a GGUF file gets. */
export interface GgufTypeChoice {
  /** Absent: plain weights keep their dtype, quantized ones get the type that holds them as they are. */
  readonly recipe?: GgufRecipe;
  /** One type for all matrices, the embedding and the output. */
  readonly isPure?: boolean;
  readonly embeddingType?: GgufExportType;
  readonly outputType?: GgufExportType;
  /** The last that matches wins, over everything else. */
  readonly rules?: readonly TensorTypeRule[];
  readonly hasImatrix?: boolean;
}

/** The type of a tensor, and whether it was asked for by name or role. */
export interface DecidedType extends ChosenType {
  readonly isStated: boolean;
}

/** What `chooseTypes` looks at. */
export type TypedModel = Pick<GgufExport, "config" | "tensors">;

/**
 * Types by tensor name. Without a recipe only those that rules and options state.
 * @throws `convert/unmatched-rule`
 */
export function chosenTypes(model: TypedModel, choice: GgufTypeChoice): ReadonlyMap<string, DecidedType> {
  const { recipe, isPure = false, hasImatrix = false, rules = [] } = choice;
  for (const rule of rules) {
    if (model.tensors.some(({ name, role }) => role !== "kept" && rule.matches(name))) continue;
    throw new LowbitError(
      "convert/unmatched-rule",
      `${rule.origin} matches none of the matrices; the first is called ${model.tensors.find(({ role }) => role !== "kept")?.name}.`,
      { rule: rule.origin },
    );
  }
  const types = new Map<string, DecidedType>();
  const byRecipe = recipe && chooseTypes(model as GgufExport, recipe, { isPure, hasImatrix });
  for (const tensor of model.tensors) {
    const stated = statedType(tensor, model, choice);
    const type = stated === undefined ? byRecipe?.get(tensor.name) : filling(stated, tensor);
    if (type !== undefined) types.set(tensor.name, { ...type, isStated: stated !== undefined });
  }
  return types;
}

function statedType(
  { name, role }: GgufExportTensor,
  { tensors }: TypedModel,
  { rules = [], embeddingType, outputType }: GgufTypeChoice,
): GgufExportType | undefined {
  if (role === "kept") return undefined;
  const rule = rules.findLast((candidate) => candidate.matches(name));
  if (rule !== undefined) return rule.type;
  const isTied = !tensors.some((tensor) => tensor.role === "output");
  if (role === "output" || (role === "embedding" && isTied)) {
    return outputType ?? (role === "embedding" ? embeddingType : undefined);
  }
  return role === "embedding" ? embeddingType : undefined;
}

function filling(type: GgufExportType, { shape }: GgufExportTensor): ChosenType {
  const fitting = fallbackType(type, shape.at(-1)!);
  return fitting === type ? { type } : { type: fitting, instead: type };
}
