import type { GgufMetadata, GgufValue } from "@lowbit/core/gguf";
import type { GgufExport } from "./gguf-export.js";

export interface ExportMetadataOptions {
  /** `general.name` */
  readonly name: string;
  /** `general.file_type`, see `fileType`. */
  readonly fileType: number;
  /** Some tensors are in blocks. */
  readonly isQuantized: boolean;
  /** Keys of the tokenizer; absent: the file has none, and states only begin and end tokens. */
  readonly tokenizer?: GgufMetadata;
  /** Further keys: where an importance matrix comes from. */
  readonly further?: GgufMetadata;
}

/** Version of ggml's block types. */
const QUANTIZATION_VERSION = 2;

/** All metadata of a file, in its order: the same model and settings give the same bytes. */
export function exportMetadata(
  { architecture, metadata, config }: GgufExport,
  { name, fileType, isQuantized, tokenizer, further }: ExportMetadataOptions,
): GgufMetadata {
  const general: [string, GgufValue][] = [
    ["general.architecture", { type: "string", value: architecture }],
    ["general.type", { type: "string", value: "model" }],
    ["general.name", { type: "string", value: name }],
    ["general.file_type", { type: "uint32", value: fileType }],
  ];
  if (isQuantized) general.push(["general.quantization_version", { type: "uint32", value: QUANTIZATION_VERSION }]);
  return new Map([...general, ...metadata, ...(tokenizer ?? withoutTokenizer(config)), ...(further ?? [])]);
}

function withoutTokenizer({ beginToken, endTokens }: GgufExport["config"]): GgufMetadata {
  const keys = new Map<string, GgufValue>([["tokenizer.ggml.model", { type: "string", value: "no_vocab" }]]);
  if (beginToken !== undefined) keys.set("tokenizer.ggml.bos_token_id", { type: "uint32", value: beginToken });
  const [endToken] = endTokens;
  if (endToken !== undefined) keys.set("tokenizer.ggml.eos_token_id", { type: "uint32", value: endToken });
  return keys;
}
