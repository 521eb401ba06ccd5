import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { activationTensors } from "../activation-tensors.js";
import { floatCodeWeight } from "../float-code-weight.js";
import { isCodeDtype } from "../float-codebooks.js";
import type { CheckpointLayout, StoredQuantizedWeight } from "../logical-weight.js";
import { partner, wrongTensor } from "../partner-tensors.js";
import { type ConfigObject, quantizationConfig } from "../stated-config.js";

const LAYOUT = "fp8";
const ENDING = "_scale_inv";

/** Where config.json states none. */
const USUAL_BLOCK = [128, 128] as const;

/**
 * FP8 as DeepSeek published it (`quant_method` "fp8"): 8-bit floats and `…_scale_inv`, by which they are multiplied, one
 * for each block of 128 × 128. `weight_scale` of whole tensors or rows means the same (compressed-tensors-layout.ts).
 */
export const fp8Layout: CheckpointLayout = {
  name: LAYOUT,
  recognise(checkpoint) {
    const config = quantizationConfig(checkpoint.config);
    const isStated = config?.["quant_method"] === LAYOUT;
    const weights: StoredQuantizedWeight[] = [];
    for (const tensor of checkpoint.tensors) {
      const { name } = tensor;
      if (name.endsWith(ENDING)) {
        const weight = name.slice(0, -ENDING.length);
        const codes = partner(checkpoint, LAYOUT, weight, weight);
        if (isCodeDtype(codes.dtype) && codes.shape.length >= 2) continue;
        throw wrongTensor(LAYOUT, codes, "8-bit floats of two axes or more");
      }
      if (!isCodeDtype(tensor.dtype) || tensor.shape.length < 2) continue;
      const scale = checkpoint.tensor(`${name}${ENDING}`);
      if (scale === undefined && checkpoint.tensor(`${name}_scale`) !== undefined) continue;
      if (scale === undefined && !isStated) continue;
      weights.push(readWeight(checkpoint, tensor, config));
    }
    return weights;
  },
};

function readWeight(
  checkpoint: Checkpoint,
  codes: CheckpointTensor,
  config: ConfigObject | undefined,
): StoredQuantizedWeight {
  const { name } = codes;
  const module = name.endsWith(".weight") ? name.slice(0, -".weight".length) : name;
  return floatCodeWeight(checkpoint, {
    layout: LAYOUT,
    name,
    codes,
    scale: partner(checkpoint, LAYOUT, name, `${name}${ENDING}`),
    others: activationTensors(checkpoint, module),
    stated: { block: statedBlock(config?.["weight_block_size"]) ?? USUAL_BLOCK },
  });
}

function statedBlock(value: unknown): readonly [number, number] | undefined {
  const isPair =
    Array.isArray(value) && value.length === 2 && value.every((size) => Number.isSafeInteger(size) && size > 0);
  return isPair ? [value[0], value[1]] : undefined;
}
