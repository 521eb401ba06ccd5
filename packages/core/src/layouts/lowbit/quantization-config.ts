import { LOWBIT_FORMAT_VERSION } from "./lowbit-weight.js";

/** `quantization_config` of config.json: tells a loader which reader the model needs before it opens any shard. */
export interface LowbitQuantizationConfig {
  readonly quant_method: "lowbit";
  /** Version of the file format. */
  readonly version: number;
  /** Version of the program that wrote the files. */
  readonly lowbit_version: string;
  /** Method and options of most weights; what differs stands in the schema of each weight. */
  readonly method: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Mean stored bits per weight over the quantized weights. */
  readonly bits_per_weight: number;
  /** What the methods were told about the model: "quantized on 128 random windows of …, 5f3a…"; absent for data-free ones. */
  readonly statistics?: string;
  /** Transforms of layer inputs that came before the methods: "rotate the inputs of down, seed 0". */
  readonly transforms?: string;
  /** The entry that stood in the original: it may say how the model runs, as BitNet's does of its activations. */
  readonly replaced?: object;
}

export function lowbitQuantizationConfig(facts: {
  readonly method: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly lowbitVersion: string;
  readonly bitsPerWeight: number;
  readonly statistics?: string | undefined;
  readonly transforms?: string | undefined;
  readonly replaced?: object | undefined;
}): LowbitQuantizationConfig {
  return {
    quant_method: "lowbit",
    version: LOWBIT_FORMAT_VERSION,
    lowbit_version: facts.lowbitVersion,
    method: facts.method,
    options: facts.options,
    bits_per_weight: facts.bitsPerWeight,
    ...(facts.statistics !== undefined && { statistics: facts.statistics }),
    ...(facts.transforms !== undefined && { transforms: facts.transforms }),
    ...(facts.replaced !== undefined && { replaced: facts.replaced }),
  };
}
