import { isGgufCheckpoint } from "@lowbit/core/gguf";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { MemoryEstimate } from "../../protocol/overview-messages.js";

/** What the configuration says of the model, as far as it does. Names and numbers are untrusted. */
export interface ModelArchitecture {
  /** "LlamaForCausalLM, 30 layers, hidden 576, 9 heads (3 key-value), vocabulary 49152" */
  readonly summary: string;
  /** Keys and values of one token over all layers, in numbers; absent where the configuration does not tell. */
  readonly cacheValuesPerToken?: number;
  readonly contextLength?: number;
}

interface Shape {
  readonly name?: string | undefined;
  readonly layers?: number | undefined;
  readonly hidden?: number | undefined;
  readonly heads?: number | undefined;
  readonly keyValueHeads?: number | undefined;
  readonly keySize?: number | undefined;
  readonly valueSize?: number | undefined;
  readonly vocabulary?: number | undefined;
  readonly contextLength?: number | undefined;
  readonly experts?: number | undefined;
  /** Keys and values are not stored as heads (multi-head latent attention, state spaces). */
  readonly hasOtherCache?: boolean;
}

const SHOWN_NAME = 80;
/** Above any model; a number beyond it is no size. */
const MOST = 2 ** 32;

export function modelArchitecture(checkpoint: Checkpoint): ModelArchitecture | undefined {
  const shape = isGgufCheckpoint(checkpoint) ? ggufShape(checkpoint.gguf) : configShape(checkpoint.config);
  if (shape === undefined) return undefined;
  const { name, layers, hidden, heads, keyValueHeads = heads, vocabulary, experts, contextLength } = shape;
  const shared = keyValueHeads === heads ? "" : ` (${keyValueHeads} key-value)`;
  const parts = [
    name,
    layers === undefined ? undefined : `${layers} ${layers === 1 ? "layer" : "layers"}`,
    hidden === undefined ? undefined : `hidden ${hidden}`,
    heads === undefined ? undefined : `${heads} ${heads === 1 ? "head" : "heads"}${shared}`,
    experts === undefined ? undefined : `${experts} experts`,
    vocabulary === undefined ? undefined : `vocabulary ${vocabulary}`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const cache = cacheValues(shape);
  return {
    summary: parts.join(", "),
    ...(cache !== undefined && { cacheValuesPerToken: cache }),
    ...(contextLength !== undefined && { contextLength }),
  };
}

/** Two bytes a number of the cache. */
export function memoryEstimate(
  architecture: ModelArchitecture | undefined,
  weightBytes: number,
): MemoryEstimate | undefined {
  if (architecture?.cacheValuesPerToken === undefined) return undefined;
  const { cacheValuesPerToken, contextLength } = architecture;
  return {
    weightBytes,
    cacheBytesPer1024Tokens: 1024 * 2 * cacheValuesPerToken,
    ...(contextLength !== undefined && { contextLength }),
  };
}

function cacheValues(shape: Shape): number | undefined {
  const { layers, hidden, heads, keyValueHeads = heads, hasOtherCache } = shape;
  if (hasOtherCache || layers === undefined || heads === undefined || keyValueHeads === undefined) return undefined;
  const keySize = shape.keySize ?? (hidden === undefined ? undefined : hidden / heads);
  if (keySize === undefined) return undefined;
  return layers * keyValueHeads * (keySize + (shape.valueSize ?? keySize));
}

/** config.json under the names of the model families; models of several parts describe the language model in `text_config`. */
function configShape(config: Checkpoint["config"]): Shape | undefined {
  if (config === undefined) return undefined;
  const nested = config["text_config"];
  const own = typeof nested === "object" && nested !== null ? (nested as Record<string, unknown>) : config;
  const size = (...names: readonly string[]): number | undefined => firstSize(names.map((name) => own[name]));
  const [architecture] = Array.isArray(config["architectures"]) ? config["architectures"] : [];
  return {
    name: shortText(architecture) ?? shortText(config["model_type"]),
    layers: size("num_hidden_layers", "n_layer", "num_layers"),
    hidden: size("hidden_size", "n_embd", "d_model"),
    heads: size("num_attention_heads", "n_head"),
    keyValueHeads: own["multi_query"] === true ? 1 : size("num_key_value_heads"),
    keySize: size("head_dim"),
    vocabulary: size("vocab_size"),
    contextLength: size("max_position_embeddings", "n_positions", "n_ctx"),
    experts: size("num_local_experts", "num_experts", "n_routed_experts"),
    hasOtherCache: size("kv_lora_rank") !== undefined || size("state_size") !== undefined,
  };
}

function ggufShape(metadata: { get(key: string): object | undefined }): Shape | undefined {
  const value = (key: string): unknown => (metadata.get(key) as { readonly value?: unknown } | undefined)?.value;
  const name = shortText(value("general.architecture"));
  if (name === undefined) return undefined;
  const size = (key: string): number | undefined => firstSize([value(`${name}.${key}`)]);
  const tokens = metadata.get("tokenizer.ggml.tokens") as { readonly length?: unknown } | undefined;
  return {
    name,
    layers: size("block_count"),
    hidden: size("embedding_length"),
    heads: size("attention.head_count"),
    keyValueHeads: size("attention.head_count_kv"),
    keySize: size("attention.key_length"),
    valueSize: size("attention.value_length"),
    vocabulary: size("vocab_size") ?? firstSize([tokens?.length]),
    contextLength: size("context_length"),
    experts: size("expert_count"),
    hasOtherCache: size("attention.kv_lora_rank") !== undefined || size("ssm.state_size") !== undefined,
  };
}

function firstSize(values: readonly unknown[]): number | undefined {
  return values.find(
    (value): value is number => Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MOST,
  );
}

function shortText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, SHOWN_NAME) : undefined;
}
