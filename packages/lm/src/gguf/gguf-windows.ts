import type { DecoderConfig } from "../model/decoder-config.js";
import type { GgufFields } from "./gguf-fields.js";
import type { MetadataBuilder } from "./metadata-builder.js";

const WINDOW = "attention.sliding_window";
const PATTERN = "attention.sliding_window_pattern";

/**
 * Sliding windows as config.json states them: of `sliding_window` positions in every block, or in those that the list
 * `sliding_window_pattern` marks. Absent or 0: none.
 */
export function windowConfig(
  fields: GgufFields,
  family: "mistral" | "qwen",
  blockCount: number,
): Readonly<Record<string, unknown>> {
  if (!fields.has(WINDOW) || fields.scalar(fields.key(WINDOW)) === 0) return {};
  const window = fields.count(WINDOW);
  const marks = fields.marks(PATTERN, blockCount);
  return {
    sliding_window: window,
    ...(family === "qwen" && { use_sliding_window: true, max_window_layers: 0 }),
    ...(marks !== undefined && {
      layer_types: marks.map((isSliding) => (isSliding ? "sliding_attention" : "full_attention")),
    }),
  };
}

/** @returns what llama.cpp does otherwise */
export function windowMetadata({ slidingWindows }: DecoderConfig, keys: MetadataBuilder): readonly string[] {
  const window = Math.max(...slidingWindows);
  if (window === 0) return [];
  keys.count(WINDOW, window);
  if (slidingWindows.includes(0))
    keys.list(
      PATTERN,
      "bool",
      slidingWindows.map((size) => size > 0),
    );
  return [
    `llama.cpp has no sliding window in this architecture: its outputs differ beyond ${window} positions of context.`,
  ];
}
