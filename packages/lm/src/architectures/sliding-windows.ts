import type { ConfigFields } from "./config-fields.js";

/** Kinds of blocks that a config may list one by one. */
export const LAYER_TYPES: readonly string[] = ["full_attention", "sliding_attention"];

/** Where a config does not say. */
const DEFAULT_WINDOW = 4096;

/** `sliding_window`, 0 for null. */
function slidingWindow(fields: ConfigFields): number {
  return fields.isNull("sliding_window") ? 0 : fields.count("sliding_window", DEFAULT_WINDOW);
}

/**
 * Windows of Mistral, per block: those that `layer_types` calls sliding; without that list all.
 * @throws `model/config-field`
 */
export function mistralSlidingWindows(fields: ConfigFields): readonly number[] {
  return slidingWindows(fields, slidingWindow(fields), () => 0);
}

/**
 * Windows of Qwen models, per block: those that `layer_types` calls sliding; without that list those from
 * `max_window_layers` on. Only where `use_sliding_window` is true.
 * @throws `model/config-field`
 */
export function qwenSlidingWindows(fields: ConfigFields): readonly number[] {
  const window = fields.boolean("use_sliding_window", false) ? slidingWindow(fields) : 0;
  return slidingWindows(fields, window, () => fields.integer("max_window_layers", 28));
}

function slidingWindows(fields: ConfigFields, window: number, firstSliding: () => number): readonly number[] {
  const blocks = fields.blockCount("num_hidden_layers");
  const types = fields.texts("layer_types", blocks, LAYER_TYPES);
  if (types?.includes("sliding_attention") && window === 0) {
    throw fields.invalid("sliding_window", "a window in use, since layer_types has sliding_attention");
  }
  if (types !== undefined) return types.map((type) => (type === "sliding_attention" ? window : 0));
  const first = window === 0 ? blocks : firstSliding();
  return Array.from({ length: blocks }, (_, index) => (index >= first ? window : 0));
}
