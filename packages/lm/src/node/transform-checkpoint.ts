import type { KernelBackend } from "@lowbit/core/backend";
import { DTYPES } from "@lowbit/core/dtype";
import { type LogicalWeight, openWeight, recogniseWeights } from "@lowbit/core/layouts";
import { openCheckpoint, refuseGguf, type TensorBytesWriter, writePlainCheckpoint } from "@lowbit/core/node";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { ModelSource } from "../model/language-model.js";
import { awqOptions } from "../transform/awq-block.js";
import {
  HEAD_WEIGHT,
  type TransformRun,
  type TransformSettings,
  transformModel,
  untiesHead,
} from "../transform/transform-model.js";

export type TransformedDtype = "F32" | "BF16" | "F16";

export interface TransformCheckpointOptions extends TransformRun {
  /** Path that `source` was opened with. */
  readonly input: string;
  /** A new directory, or a new .safetensors file. */
  readonly output: string;
  readonly settings: TransformSettings;
  /** Of all tensors; default: F32, because a rotated weight no longer has the few bits that it was rounded to. */
  readonly dtype?: TransformedDtype;
  /** Only linear layers of blocks get `dtype`; embedding, head and norms stay as they are stored in the input. */
  readonly keepsOthers?: boolean;
  readonly force?: boolean;
}

export interface TransformReport {
  readonly tensors: number;
  readonly outputBytes: number;
  readonly seconds: number;
}

/** Where a tied head comes from. */
const EMBEDDING_WEIGHT = "model.embed_tokens.weight";

/** `torch_dtype` of config.json. */
const DTYPE_NAMES: Readonly<Record<TransformedDtype, string>> = { F32: "float32", BF16: "bfloat16", F16: "float16" };

/**
 * Writes a plain checkpoint with transforms merged into its weights: a model that every program runs and every method
 * quantizes. Outputs are those of `source` up to the rounding to `dtype`. Nothing is left after an error.
 * @throws what `transformModel` and `writePlainCheckpoint` throw
 */
export async function transformCheckpoint(
  source: ModelSource,
  backend: KernelBackend,
  options: TransformCheckpointOptions,
): Promise<TransformReport> {
  const started = performance.now();
  const { input, output, settings, dtype = "F32", force = false } = options;
  const checkpoint = await openCheckpoint(input);
  try {
    refuseGguf(checkpoint);
    const weights = recogniseWeights(checkpoint);
    const dtypes = tensorDtypes(source, weights, options);
    const tensors = weights.map(({ name, shape }) => ({ name, shape, dtype: dtypes(name) }));
    const untied = source.config.isTied && untiesHead(settings);
    if (untied && !tensors.some(({ name }) => name === HEAD_WEIGHT)) {
      const { vocabularySize, hiddenSize } = source.config;
      tensors.push({ name: HEAD_WEIGHT, shape: [vocabularySize, hiddenSize], dtype: dtypes(EMBEDDING_WEIGHT) });
    }
    const outputBytes = await writePlainCheckpoint(
      {
        input,
        output,
        tensors,
        metadata: { format: "pt", [TRANSFORM_METADATA_KEY]: describeTransforms(settings, await source.fingerprint()) },
        config: { ...(untied && { tie_word_embeddings: false }), torch_dtype: DTYPE_NAMES[dtype] },
        force,
      },
      (write) =>
        produce(source, checkpoint, weights, backend, options, new Map(tensors.map((t) => [t.name, t.dtype])), write),
    );
    return { tensors: tensors.length, outputBytes, seconds: (performance.now() - started) / 1000 };
  } finally {
    await checkpoint.close();
  }
}

/** The dtype that a tensor is written in. */
function tensorDtypes(
  source: ModelSource,
  weights: readonly LogicalWeight[],
  { dtype = "F32", keepsOthers = false }: TransformCheckpointOptions,
): (name: string) => TransformedDtype {
  if (!keepsOthers) return () => dtype;
  const blocks = Array.from({ length: source.config.blockCount }, (_, index) => source.describeBlock(index));
  const linears = new Set(blocks.flatMap(({ groups }) => groups.flat().map(({ name }) => name)));
  const stored = new Map(weights.map((weight) => [weight.name, weight.dtype]));
  return (name) => {
    const own = stored.get(name);
    return linears.has(name) || own === undefined || !Object.hasOwn(DTYPE_NAMES, own)
      ? dtype
      : (own as TransformedDtype);
  };
}

async function produce(
  source: ModelSource,
  checkpoint: Checkpoint,
  weights: readonly LogicalWeight[],
  backend: KernelBackend,
  { settings, ...run }: TransformCheckpointOptions,
  dtypes: ReadonlyMap<string, TransformedDtype>,
  write: TensorBytesWriter,
): Promise<void> {
  const written = new Set<string>();
  const writeValues = async (name: string, begin: number, values: Float32Array): Promise<void> => {
    const dtype = dtypes.get(name)!;
    const bytes = new Uint8Array((values.length * DTYPES[dtype].bits) / 8);
    backend.encodeFloats(dtype, values, bytes);
    await write(name, (begin * DTYPES[dtype].bits) / 8, bytes);
    written.add(name);
  };
  await transformModel(
    source,
    backend,
    settings,
    (name, begin, values) => writeValues(name, begin, Float32Array.from(values)),
    run,
  );
  // Buffers that no layer uses, and copies of a tied head.
  for (const weight of weights) {
    if (written.has(weight.name)) continue;
    const { rows, columns, read } = await openWeight(checkpoint, weight, backend);
    const values = new Float32Array(rows * columns);
    await read(0, rows, values);
    await writeValues(weight.name, 0, values);
  }
}

/** Where the files state what was merged into them. */
export const TRANSFORM_METADATA_KEY = "lowbit.transform";

/** "rotate R1 R2, seed 0, of model 0123456789abcdef" */
export function describeTransforms(
  { rotate = [], seed = 0, smooth, awq }: TransformSettings,
  fingerprint: string,
): string {
  const parts = [
    ...(rotate.length > 0 ? [`rotate ${rotate.join(" ")}, seed ${seed}`] : []),
    ...(smooth === undefined ? [] : [`smooth ${smooth.alpha} by ${smooth.magnitude ?? "root-mean-square"}`]),
    ...(awq === undefined ? [] : [`awq ${describeGrid(awq)}`]),
  ];
  return `${parts.join("; ")}, of model ${fingerprint.slice(0, 16)}`;
}

/** "4 bits, group 128" */
function describeGrid({ statistics: _, ...settings }: NonNullable<TransformSettings["awq"]>): string {
  const { bits, group } = awqOptions(settings);
  return `${bits} bits, group ${group}`;
}
