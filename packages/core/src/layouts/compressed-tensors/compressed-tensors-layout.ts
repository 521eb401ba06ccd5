import { isFloatDtype } from "../../dtype/dtype-table.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import { activationTensors } from "../activation-tensors.js";
import { floatCodeWeight } from "../float-code-weight.js";
import { isCodeDtype } from "../float-codebooks.js";
import type { CheckpointLayout, StoredQuantizedWeight } from "../logical-weight.js";
import { partner, wrongTensor } from "../partner-tensors.js";
import { quantizationConfig, unreadFormat } from "../stated-config.js";
import { fp4Packed } from "./fp4-packed.js";
import { intQuantized } from "./int-quantized.js";
import { packQuantized } from "./pack-quantized.js";
import { type WeightScheme, weightSchemes } from "./weight-schemes.js";

const LAYOUT = "compressed-tensors";

const READABLE = [
  "pack-quantized",
  "int-quantized",
  "float-quantized",
  "naive-quantized",
  "nvfp4-pack-quantized",
  "mxfp4-pack-quantized",
  "mxfp8-quantized",
  "mixed-precision",
  "dense",
] as const;

/** Tensors of formats that are recognised only: 2:4 sparse weights of the Marlin kernel, and bitmask-sparse ones. */
const UNREAD: readonly (readonly [ending: string, format: string])[] = [
  [".scale_packed", "marlin-24"],
  [".bitmask", "sparse-bitmask"],
];

/** Weights as compressed-tensors (llm-compressor, vLLM) stores them: one module, several tensors named `weight…`. */
export const compressedTensorsLayout: CheckpointLayout = {
  name: LAYOUT,
  recognise(checkpoint) {
    const isStated = quantizationConfig(checkpoint.config)?.["quant_method"] === LAYOUT;
    const schemes = isStated ? weightSchemes(checkpoint.config) : [];
    if (isStated) refuseUnknownFormat(checkpoint);
    const weights: StoredQuantizedWeight[] = [];
    for (const tensor of checkpoint.tensors) {
      const weight = readWeight(checkpoint, tensor, schemes, isStated);
      if (weight !== undefined) weights.push(weight);
    }
    return weights;
  },
};

/** The weight whose codes this tensor holds. */
function readWeight(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  schemes: readonly WeightScheme[],
  isStated: boolean,
): StoredQuantizedWeight | undefined {
  const { name, dtype } = tensor;
  const isWeight = name.endsWith(".weight");
  if (isWeight && !(dtype === "I8" || isCodeDtype(dtype))) return undefined; // nearly every tensor of a plain model
  for (const [ending, format] of UNREAD) {
    if (name.endsWith(ending) && isSparse(checkpoint, name.slice(0, -ending.length))) {
      throw unreadFormat(`Tensor ${quoteName(name)} is part of a weight`, format, READABLE);
    }
  }
  if (name.endsWith(".weight_packed")) {
    const module = name.slice(0, -".weight_packed".length);
    if (dtype === "I32") return packQuantized(checkpoint, module, schemes);
    if (dtype === "U8") return fp4Packed(checkpoint, module, activationTensors(checkpoint, module));
    throw wrongTensor(LAYOUT, tensor, "I32 or U8");
  }
  if (name.endsWith(".weight_scale")) {
    const module = name.slice(0, -".weight_scale".length);
    const codes = checkpoint.tensor(`${module}.weight`);
    if (codes === undefined) partner(checkpoint, LAYOUT, `${module}.weight`, `${module}.weight_packed`);
    // Floats are weights that were not compressed yet ("frozen").
    if (isStated && codes && !(codes.dtype === "I8" || isCodeDtype(codes.dtype) || isFloatDtype(codes.dtype))) {
      throw wrongTensor(LAYOUT, codes, "I8, 8-bit floats or plain floats");
    }
    return undefined;
  }
  if (!isWeight) return undefined;
  const module = name.slice(0, -".weight".length);
  const found = checkpoint.tensor(`${name}_scale`);
  if (found === undefined && !isStated) return undefined;
  const scale = found ?? partner(checkpoint, LAYOUT, name, `${name}_scale`);
  const others = activationTensors(checkpoint, module);
  if (dtype === "I8") return intQuantized(checkpoint, module, tensor, scale, others, schemes);
  const stated = schemes.find(({ type }) => type === "float");
  return floatCodeWeight(checkpoint, {
    layout: isStatedFp8(checkpoint) ? "fp8" : LAYOUT,
    name,
    codes: tensor,
    scale,
    zeroPoint: checkpoint.tensor(`${name}_zero_point`),
    others,
    stated: { groupSize: stated?.groupSize, block: stated?.blockStructure },
  });
}

/** Per-tensor and per-row FP8 has the same tensors under `quant_method` "fp8". */
function isStatedFp8(checkpoint: Checkpoint): boolean {
  const method = quantizationConfig(checkpoint.config)?.["quant_method"];
  return method === "fp8" || method === "fbgemm_fp8";
}

function isSparse(checkpoint: Checkpoint, module: string): boolean {
  return ["meta", "compressed", "weight_packed"].some((part) => checkpoint.tensor(`${module}.${part}`) !== undefined);
}

/** @throws `layouts/unread-format` */
function refuseUnknownFormat(checkpoint: Checkpoint): void {
  const format = quantizationConfig(checkpoint.config)?.["format"];
  if (format === undefined || format === null || (READABLE as readonly unknown[]).includes(format)) return;
  throw unreadFormat("config.json says that the weights are", format, READABLE);
}
