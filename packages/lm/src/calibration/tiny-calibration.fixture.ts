import type { KernelBackend } from "@lowbit/core/backend";
import { createNativeBackend } from "@lowbit/kernels-native";
import { seededRandom } from "../generate/random-source.js";
import type { LanguageModel } from "../model/language-model.js";
import { loadModel } from "../node/open-model.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { type CalibrationSet, calibrationSet } from "./calibration-set.js";

/** Random ids of tiny-llama's vocabulary; 5 samples are two batches of 2 and one of 1 with 20 tokens a batch. */
export function tinySet(samples = 5, length = 8): Promise<CalibrationSet> {
  const random = seededRandom(1);
  const ids = Uint32Array.from({ length: samples * length }, () => Math.floor(random() * 2048));
  return calibrationSet({ ids, length, vocabularySize: 2048 });
}

export async function openTiny(): Promise<{ backend: KernelBackend; model: LanguageModel }> {
  const backend = await createNativeBackend();
  return { backend, model: await loadModel(TINY_LLAMA, backend) };
}
