import type { ConfigFields } from "./config-fields.js";

/**
 * Settings that change every architecture in the library that writes these files, and that lowbit does not run: attention
 * to later tokens, and blocks with settings of their own.
 * @throws `model/unsupported-setting`
 */
export function refuseCommonSettings(fields: ConfigFields): void {
  if (!fields.boolean("is_causal", true)) throw fields.unsupported("is_causal", "true");
  if (fields.has("per_layer_config")) throw fields.unsupported("per_layer_config", "none");
}
