import type { Dtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/lowbit-error.js";
import { showValue } from "../errors/show-value.js";
import { quoteName } from "../safetensors/header-problem.js";

/** A JSON object of config.json. */
export type ConfigObject = Readonly<Record<string, unknown>>;

export function asConfigObject(value: unknown): ConfigObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as ConfigObject) : undefined;
}

/**
 * `quantization_config` of config.json; `compression_config` in older files, and that of the text model in multimodal ones.
 * Where lowbit has quantized further weights, the entry that it replaced, which speaks of the others.
 */
export function quantizationConfig(config: ConfigObject | undefined): ConfigObject | undefined {
  const entry = asConfigObject(
    config?.["quantization_config"] ??
      config?.["compression_config"] ??
      asConfigObject(config?.["text_config"])?.["quantization_config"],
  );
  return entry?.["quant_method"] === "lowbit" ? asConfigObject(entry["replaced"]) : entry;
}

const TORCH_DTYPES: Readonly<Record<string, Dtype>> = { bfloat16: "BF16", float16: "F16", float32: "F32" };

/** The dtype of torch with this name, with or without "torch.". */
export function torchDtype(name: unknown): Dtype | undefined {
  return typeof name === "string" ? TORCH_DTYPES[name.replace(/^torch\./, "")] : undefined;
}

/** Dtype that the model had before it was quantized, as config.json states it. */
export function modelDtype(config: ConfigObject | undefined): Dtype | undefined {
  const text = asConfigObject(config?.["text_config"]);
  return torchDtype(config?.["torch_dtype"] ?? config?.["dtype"] ?? text?.["torch_dtype"] ?? text?.["dtype"]);
}

/**
 * @param stated what config.json states: "4 bits in groups of 128"
 * @param found what the tensors are
 */
export function configContradiction(layout: string, weight: string, stated: string, found: string): LowbitError {
  return new LowbitError(
    "layouts/config-contradiction",
    `config.json states ${stated} for ${layout}, but the tensors of ${quoteName(weight)} are ${found}.`,
    { layout, weight, stated, found },
  );
}

/** @param format the name that config.json gives, or what the tensors show */
export function unreadFormat(subject: string, format: unknown, readable: readonly string[]): LowbitError {
  const found = showValue(format);
  return new LowbitError(
    "layouts/unread-format",
    `${subject} stored in the format ${found}, which lowbit does not read; readable: ${readable.join(", ")}.`,
    { found, readable },
  );
}
