import type { HeadSizes, HuggingFaceConfig } from "./gguf-architecture.js";

/** Heads of a config that a GGUF architecture has made. */
export function headSizes(config: HuggingFaceConfig): HeadSizes {
  const number = (...names: string[]) =>
    names.map((name) => config[name]).find((value) => value !== undefined) as number;
  const headCount = number("num_attention_heads", "n_head");
  return {
    headCount,
    keyValueHeadCount: (config["num_key_value_heads"] as number | undefined) ?? headCount,
    headSize: (config["head_dim"] as number | undefined) ?? number("hidden_size", "n_embd") / headCount,
  };
}
