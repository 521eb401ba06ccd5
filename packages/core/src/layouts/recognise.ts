import { LowbitError } from "../errors/lowbit-error.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { quoteName } from "../safetensors/header-problem.js";
import { awqLayout } from "./awq/awq-layout.js";
import { bitnetLayout } from "./bitnet/bitnet-layout.js";
import { bitsandbytesLayout } from "./bitsandbytes/bitsandbytes-layout.js";
import { compressedTensorsLayout } from "./compressed-tensors/compressed-tensors-layout.js";
import { fp8Layout } from "./fp8/fp8-layout.js";
import { ggufLayout } from "./gguf/gguf-layout.js";
import { gptOssLayout } from "./gpt-oss/gpt-oss-layout.js";
import { gptqLayout } from "./gptq/gptq-layout.js";
import { hqqLayout } from "./hqq/hqq-layout.js";
import type { CheckpointLayout, LogicalWeight, StoredQuantizedWeight } from "./logical-weight.js";
import { lowbitLayout } from "./lowbit/lowbit-layout.js";

/** The checkpoint layouts that lowbit reads, one file each. */
export const CHECKPOINT_LAYOUTS: readonly CheckpointLayout[] = [
  lowbitLayout,
  ggufLayout,
  compressedTensorsLayout,
  bitsandbytesLayout,
  bitnetLayout,
  fp8Layout,
  gptOssLayout,
  awqLayout,
  gptqLayout,
  hqqLayout,
];

/**
 * The weights of a checkpoint as its user knows them, in the order of the tensors that hold them: quantized weights
 * under their original names, every other tensor as it is.
 * @throws what a layout throws when the checkpoint uses it wrongly, `layouts/duplicate-weight`
 */
export function recogniseWeights(checkpoint: Checkpoint): readonly LogicalWeight[] {
  const weightOfTensor = new Map<string, StoredQuantizedWeight>();
  const names = new Set<string>();
  for (const layout of CHECKPOINT_LAYOUTS) {
    for (const weight of layout.recognise(checkpoint)) {
      if (names.has(weight.name)) throw duplicateWeight(weight.name);
      names.add(weight.name);
      for (const tensor of weight.tensors) weightOfTensor.set(tensor.name, weight);
    }
  }
  const weights: LogicalWeight[] = [];
  const listed = new Set<StoredQuantizedWeight>();
  for (const tensor of checkpoint.tensors) {
    const quantized = weightOfTensor.get(tensor.name);
    if (quantized === undefined) {
      if (names.has(tensor.name)) throw duplicateWeight(tensor.name);
      const { name, shape, dtype, byteLength } = tensor;
      weights.push({ kind: "plain", name, shape, dtype, byteLength, tensors: [tensor] });
    } else if (!listed.has(quantized)) {
      listed.add(quantized);
      weights.push(quantized);
    }
  }
  return weights;
}

function duplicateWeight(name: string): LowbitError {
  return new LowbitError("layouts/duplicate-weight", `The checkpoint holds the weight ${quoteName(name)} twice.`, {
    name,
  });
}
