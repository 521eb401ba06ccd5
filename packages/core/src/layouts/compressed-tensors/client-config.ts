import type { ClientConfig, PackedWeight } from "../layout-writer.js";
import { plainModules } from "../packed-name.js";

type Facts = PackedWeight["facts"];

/**
 * `quantization_config` as transformers and vLLM read it: one group a scheme. A single one targets all linear layers but
 * those that stay plain; of several each names its modules.
 */
export function clientConfig(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[]): ClientConfig {
  const modules = new Map<string, { readonly facts: Facts; readonly names: string[] }>();
  for (const [name, { facts }] of packed) {
    const key = JSON.stringify(facts);
    const entry = modules.get(key) ?? { facts, names: [] };
    entry.names.push(name.replace(/\.weight$/, ""));
    modules.set(key, entry);
  }
  const schemes = [...modules.values()];
  const isUniform = schemes.length === 1 && !schemes[0]!.names.some((name) => EMBEDDING.test(name));
  const groups = schemes.map(({ facts, names }, i) => {
    return [`group_${i}`, group(facts, isUniform ? ["Linear"] : names)] as const;
  });
  const formats = new Set(schemes.map(({ facts }) => facts["format"]));
  return {
    quantizationConfig: {
      quant_method: "compressed-tensors",
      format: formats.size === 1 ? [...formats][0] : "mixed-precision",
      quantization_status: "compressed",
      config_groups: Object.fromEntries(groups),
      ignore: plainModules(packed, kept),
      kv_cache_scheme: null,
      global_compression_ratio: null,
    },
  };
}

/** Embeddings are no linear layers. */
const EMBEDDING = /embed|(^|\.)(wte|wpe)$/;

function group(facts: Facts, targets: readonly string[]): object {
  return {
    targets,
    weights: weights(facts),
    // Integers in bytes are there for products with rounded activations; vLLM has no other kernel for them.
    input_activations: facts["format"] === "int-quantized" ? TOKENS : null,
    output_activations: null,
    format: facts["format"],
  };
}

/** Activations rounded to 8 bits for every token as they come. */
const TOKENS = { num_bits: 8, type: "int", symmetric: true, strategy: "token", dynamic: true, group_size: null };

function weights(facts: Facts): object {
  const { bits, type, isSymmetric, strategy, groupSize, blockRows, blockColumns, format } = facts as Readonly<
    Record<string, unknown>
  >;
  return {
    num_bits: bits,
    type,
    symmetric: isSymmetric,
    strategy,
    group_size: groupSize ?? null,
    ...(strategy === "block" && { block_structure: [blockRows, blockColumns] }),
    dynamic: false,
    ...SCALE_DTYPES[format as string],
  };
}

const SCALE_DTYPES: Readonly<Record<string, object>> = {
  "nvfp4-pack-quantized": { scale_dtype: "torch.float8_e4m3fn" },
  "mxfp4-pack-quantized": { scale_dtype: "torch.uint8" },
  "mxfp8-quantized": { scale_dtype: "torch.uint8" },
};
