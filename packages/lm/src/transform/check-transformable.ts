import { LowbitError } from "@lowbit/core/errors";
import type { DecoderConfig } from "../model/decoder-config.js";

/**
 * Families whose blocks transforms can be merged into: RMS norms directly in front of linear layers, separate projections, a
 * gated feed-forward layer. Layer norms subtract a mean, which a rotation does not keep; BitNet has norms inside its layers.
 */
const TRANSFORMABLE: readonly string[] = ["llama", "mistral", "qwen2", "qwen3"];

/** @throws `transform/unsupported-model` */
export function checkTransformable({ architecture }: DecoderConfig, model: string): void {
  if (TRANSFORMABLE.includes(architecture)) return;
  throw new LowbitError(
    "transform/unsupported-model",
    `${model} is of the family ${architecture}; transforms are merged into ${TRANSFORMABLE.join(", ")}.`,
    { model, found: architecture, allowed: TRANSFORMABLE },
  );
}
