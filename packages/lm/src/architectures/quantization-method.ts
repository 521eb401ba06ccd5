import { LowbitError, showValue } from "@lowbit/core/errors";
import type { ConfigFields } from "./config-fields.js";

/**
 * Weights are plain, or terms that lowbit wrote. BitNet's own entry is read by its architecture.
 * @throws `model/quantization-method`
 */
export function refuseUnknownQuantization(fields: ConfigFields): void {
  const method = fields.object("quantization_config")?.raw("quant_method");
  const allowed = fields.raw("model_type") === "bitnet" ? ["lowbit", "bitnet"] : ["lowbit"];
  if (!fields.has("quantization_config") || allowed.includes(method as string)) return;
  const found = method === undefined ? "missing" : showValue(method);
  throw new LowbitError(
    "model/quantization-method",
    `${fields.name}: the quantization method in config.json is ${found}; readable: ${allowed.join(", ")}.`,
    { model: fields.name, found, allowed },
  );
}
