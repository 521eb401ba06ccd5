import { fillsRows } from "./fallback-type.js";
import type { GgufExport, GgufExportTensor, GgufExportType } from "./gguf-export.js";
import type { GgufRecipe } from "./gguf-recipes.js";

/** Where a matrix stands in its model. */
interface Place {
  readonly recipe: string;
  /** The recipe's main type. */
  readonly type: GgufExportType;
  readonly block: number;
  readonly blockCount: number;
  /** Query heads a key head are four or more: keys and values are small, so bits for them are cheap. */
  readonly isGrouped: boolean;
  readonly hasImatrix: boolean;
}

/** The type that llama-quantize gives a matrix before it looks at the length of its rows. */
export function mixedType(
  { config, tensors }: GgufExport,
  { name, role, shape }: GgufExportTensor,
  { name: recipe, type }: GgufRecipe,
  hasImatrix: boolean,
): GgufExportType {
  const isTied = !tensors.some((tensor) => tensor.role === "output");
  if (role === "output" || (role === "embedding" && isTied)) return outputType(type, shape.at(-1)!);
  if (role === "embedding") return embeddingType(type);
  const [, block, module] = /^blk\.(\d+)\.(.+)\.weight$/.exec(name)!;
  const isGrouped = config.headCount / config.keyValueHeadCount >= 4;
  const place = { recipe, type, block: Number(block), blockCount: config.blockCount, isGrouped, hasImatrix };
  if (module === "attn_v" || module === "attn_qkv") return valueType(place, isLarge(config));
  if (module === "attn_output") return ATTENTION_OUTPUTS[recipe] ?? type;
  return module === "ffn_down" ? downType(place) : type;
}

/** Small types of floats: what llama-quantize keeps of dense models when it makes MXFP4. */
const SMALL_FLOATS: readonly GgufExportType[] = ["MXFP4", "NVFP4"];

function outputType(type: GgufExportType, columns: number): GgufExportType {
  return type === "Q8_0" || SMALL_FLOATS.includes(type) || !fillsRows(type, columns) ? "Q8_0" : "Q6_K";
}

function embeddingType(type: GgufExportType): GgufExportType {
  if (SMALL_FLOATS.includes(type)) return "Q8_0";
  return type === "TQ1_0" || type === "TQ2_0" || type === "Q2_0" ? "Q4_K" : type;
}

const ATTENTION_OUTPUTS: Readonly<Record<string, GgufExportType>> = { Q2_K: "Q3_K", Q3_K_M: "Q4_K", Q3_K_L: "Q5_K" };

/** Llama 2 70B, Llama 3 70B and Qwen 72B by their number of blocks. */
function isLarge({ architecture, blockCount, headCount, keyValueHeadCount }: GgufExport["config"]): boolean {
  const isFamily = architecture === "qwen2" || (architecture === "llama" && headCount !== keyValueHeadCount);
  return blockCount === 80 && isFamily;
}

function valueType(place: Place, isLargeModel: boolean): GgufExportType {
  const type = smallModelValueType(place);
  return isLargeModel && (type === "Q3_K" || type === "Q4_K") ? "Q5_K" : type;
}

function smallModelValueType({ recipe, type, block, blockCount, isGrouped }: Place): GgufExportType {
  switch (recipe) {
    case "Q2_K":
      return isGrouped ? "Q4_K" : "Q3_K";
    case "Q2_K_S":
      return isGrouped ? "Q4_K" : type;
    case "Q3_K_M":
      return block < 2 ? "Q5_K" : "Q4_K";
    case "Q3_K_L":
      return "Q5_K";
    case "Q4_K_S":
      return block < 4 ? "Q5_K" : type;
    case "Q4_K_M":
    case "Q5_K_M":
      return hasMoreBits(block, blockCount) ? "Q6_K" : type;
    case "IQ4_NL":
    case "IQ4_XS":
      return isGrouped ? "Q5_K" : type;
    default:
      return type;
  }
}

function downType({ recipe, type, block, blockCount, hasImatrix }: Place): GgufExportType {
  const isFirst = block < Math.floor(blockCount / 8);
  switch (recipe) {
    case "Q2_K":
      return "Q3_K";
    case "Q2_K_S":
      return isFirst ? "Q4_K" : type;
    case "Q3_K_M":
      return block < Math.floor(blockCount / 16) ? "Q5_K" : "Q4_K";
    case "Q3_K_L":
      return "Q5_K";
    case "Q4_K_S":
      return isFirst ? "Q5_K" : type;
    case "Q4_K_M":
    case "Q5_K_M":
      return hasMoreBits(block, blockCount) ? "Q6_K" : type;
    case "IQ4_NL":
    case "IQ4_XS":
      return isFirst && !hasImatrix ? "Q5_K" : type;
    case "Q4_0":
      return isFirst && hasImatrix ? "Q4_1" : type;
    case "Q5_0":
      return isFirst && hasImatrix ? "Q5_1" : type;
    default:
      return type;
  }
}

/** The first and last eighth of the blocks, and every third between. */
function hasMoreBits(block: number, blockCount: number): boolean {
  const eighth = Math.floor(blockCount / 8);
  return block < eighth || block >= Math.floor((7 * blockCount) / 8) || (block - eighth) % 3 === 2;
}
