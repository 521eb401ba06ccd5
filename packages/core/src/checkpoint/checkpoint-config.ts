import type { ByteSource } from "../bytes/byte-source.js";
import { LowbitError } from "../errors/index.js";
import type { CheckpointConfig } from "../safetensors/checkpoint.js";

/** Far above any configuration; the largest name every layer and stay below 1 MiB. */
const MAX_CONFIG_BYTES = 2 ** 24;

const CONFIG = "config.json";
/** Where GPTQ tools put the settings before they became a member of config.json. */
const QUANTIZE_CONFIG = "quantize_config.json";
const MEMBER = "quantization_config";

/** Opens a file beside the weights by its plain name; undefined when there is none. */
export type OpenSideFile = (name: string) => Promise<ByteSource | undefined>;

/**
 * config.json of a model, with quantize_config.json as its `quantization_config` when it has none.
 * @throws `pipeline/config-invalid` when one of them holds no JSON object
 */
export async function readCheckpointConfig(open: OpenSideFile): Promise<CheckpointConfig | undefined> {
  const config = await readJsonObject(open, CONFIG);
  if (config !== undefined && config[MEMBER] !== undefined) return config;
  const quantization = await readJsonObject(open, QUANTIZE_CONFIG);
  return quantization === undefined ? config : { ...config, [MEMBER]: quantization };
}

async function readJsonObject(open: OpenSideFile, name: string): Promise<CheckpointConfig | undefined> {
  const source = await open(name);
  if (source === undefined) return undefined;
  try {
    return parseConfig(source.name, await readText(source.name, source));
  } finally {
    await source.close();
  }
}

async function readText(path: string, source: ByteSource): Promise<string> {
  if (source.byteLength > MAX_CONFIG_BYTES) {
    throw invalid(path, `has ${source.byteLength} bytes; at most ${MAX_CONFIG_BYTES} are allowed`);
  }
  const bytes = new Uint8Array(source.byteLength);
  await source.read(0, bytes);
  return new TextDecoder().decode(bytes);
}

const STRING_OR_CONSTANT = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/** As Python's `json` reads it, which also takes NaN and Infinity; here they are null. */
function parseConfig(path: string, text: string): CheckpointConfig {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(STRING_OR_CONSTANT, (token) => (token.startsWith('"') ? token : "null")));
  } catch {
    throw invalid(path, "is no JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as CheckpointConfig;
  throw invalid(path, "holds no JSON object");
}

function invalid(path: string, reason: string): LowbitError {
  return new LowbitError("pipeline/config-invalid", `${path} ${reason}.`, { path, reason });
}
