import type { GgufCheckpoint } from "@lowbit/core/gguf";
import type { HuggingFaceView } from "./hugging-face-view.js";
import { ggufName } from "./module-names.js";
import { tokenizerFilesFromGguf } from "./tokenizer/tokenizer-files-from-gguf.js";

/** `torch_dtype` of config.json. */
const DTYPE_NAMES = { F32: "float32", BF16: "bfloat16", F16: "float16" } as const;

const TOKENS = ["bos_token_id", "eos_token_id", "pad_token_id"];

/**
 * Files of the model directory that a GGUF file becomes, beside the weights: config.json, generation_config.json and those of
 * the tokenizer.
 * @param dtype of plain weights
 * @param keepsMatrices weights stay as the file has them, those of GPT-2 [outFeatures, inFeatures]; else they are
 * transposed where `isTransposedInDirectory` says so
 */
export function modelDirectoryFiles(
  { gguf, name }: GgufCheckpoint,
  view: HuggingFaceView,
  dtype: keyof typeof DTYPE_NAMES,
  keepsMatrices = false,
): ReadonlyMap<string, string> {
  const config = { ...(keepsMatrices ? view.config : view.directoryConfig), torch_dtype: DTYPE_NAMES[dtype] };
  const generation = Object.fromEntries(TOKENS.filter((key) => key in config).map((key) => [key, view.config[key]]));
  return new Map([
    ["config.json", json(config)],
    ["generation_config.json", json(generation)],
    ...tokenizerFilesFromGguf(gguf, name),
  ]);
}

/** Whether Hugging Face's files hold a weight of the view transposed, [inFeatures, outFeatures] (GPT-2). */
export function isTransposedInDirectory({ architecture }: HuggingFaceView, name: string): boolean {
  const module = /^blk\.\d+\.(.+)\.weight$/.exec(ggufName(architecture.modules, name) ?? "")?.[1];
  return module !== undefined && architecture.transposedModules?.includes(module) === true;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
