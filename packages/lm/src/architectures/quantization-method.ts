import { LowbitError, showValue } from "@lowbit/core/errors";
import { QUANTIZATION_METHODS } from "@lowbit/core/layouts";
import type { ConfigFields } from "./config-fields.js";

/** Architectures whose layers do not round activations, as those of BitNet must. */
const WITHOUT_BITNET: readonly unknown[] = ["gpt2", "gpt_neox"];

/**
 * Weights are plain, or terms that lowbit or another tool wrote. They run as they are stored: rounding of activations that
 * other entries than BitNet's ask for is for the speed of a GPU and is left out.
 * @throws `model/quantization-method`
 */
export function refuseUnknownQuantization(fields: ConfigFields): void {
  const method = fields.object("quantization_config")?.raw("quant_method");
  const roundsActivations = !WITHOUT_BITNET.includes(fields.raw("model_type"));
  const allowed = QUANTIZATION_METHODS.filter((name) => name !== "bitnet" || roundsActivations);
  if (!fields.has("quantization_config") || allowed.includes(method as string)) return;
  const found = method === undefined ? "missing" : showValue(method);
  throw new LowbitError(
    "model/quantization-method",
    `${fields.name}: the quantization method in config.json is ${found}; readable: ${allowed.join(", ")}.`,
    { model: fields.name, found, allowed },
  );
}
