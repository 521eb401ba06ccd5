import { showValue } from "@lowbit/core/errors";
import type { ConfigFields } from "./config-fields.js";
import type { GatedDecoderTraits } from "./gated-decoder.js";

/** The settings of `quantization_config` where it does not state them. */
const DEFAULTS = { linear_class: "bitlinear", quantization_mode: "offline" } as const;

/**
 * How a model runs whose `quantization_config` is that of BitNet: activations of 8 bits before every linear layer of the
 * blocks, and weights that are packed already ("offline") or stored unrounded and made ternary on load ("online").
 * @throws `model/unsupported-setting`
 */
export function bitnetTraits(fields: ConfigFields): Pick<GatedDecoderTraits, "isTernarized" | "activations"> {
  const stated = fields.object("quantization_config");
  // Of what lowbit quantized, the entry of the original says how it runs.
  const quantization = stated?.raw("quant_method") === "lowbit" ? stated.object("replaced") : stated;
  if (quantization?.raw("quant_method") !== "bitnet") return {};
  const linearClass = quantization.text("linear_class", DEFAULTS.linear_class);
  if (linearClass !== "bitlinear" && linearClass !== "autobitlinear") {
    throw quantization.unsupported("linear_class", '"bitlinear" or "autobitlinear"');
  }
  const mode = quantization.text("quantization_mode", DEFAULTS.quantization_mode);
  if (mode !== "offline" && mode !== "online") {
    throw quantization.unsupported("quantization_mode", '"offline" or "online"');
  }
  if (quantization.boolean("use_rms_norm", false)) throw quantization.unsupported("use_rms_norm", "false");
  checkUnrounded(quantization);
  // "bitlinear" layers take packed weights alone, whatever the mode.
  return { isTernarized: linearClass === "autobitlinear" && mode === "online", activations: { bits: 8 } };
}

/** Layers of the blocks that were left out would have to be run otherwise than the rest; so would the head, put in. */
function checkUnrounded(quantization: ConfigFields): void {
  const modules = quantization.raw("modules_to_not_convert");
  if (modules === undefined) return;
  const isPlain = (module: unknown): boolean => typeof module === "string" && OUTSIDE_BLOCKS.test(module);
  if (Array.isArray(modules) && modules.every(isPlain) && modules.some((name) => HEAD.test(name))) return;
  throw quantization.unsupported("modules_to_not_convert", `["lm_head"] and embeddings, not ${showValue(modules)}`);
}

const HEAD = /(^|\.)lm_head$/;
const OUTSIDE_BLOCKS = /(^|\.)(lm_head|embed_tokens)$/;
