import { LowbitError } from "@lowbit/core/errors";
import { type GgufCheckpoint, ggufType } from "@lowbit/core/gguf";
import { type Checkpoint, type CheckpointTensor, inNaturalOrder } from "@lowbit/core/safetensors";
import type { GgufArchitecture, GgufShapes, HeadSizes, HuggingFaceConfig } from "./gguf-architecture.js";
import { ggufArchitecture } from "./gguf-architectures.js";
import { GgufFields } from "./gguf-fields.js";
import { headSizes } from "./head-sizes.js";
import { huggingFaceName } from "./module-names.js";
import { type OrderedRows, readInSourceOrder } from "./ordered-rows.js";
import { areSame } from "./same-tensors.js";

/** A GGUF model as a Hugging Face model. */
export interface HuggingFaceView {
  /** The same tensors under Hugging Face's names, rows in its order; closing it closes the GGUF file. */
  readonly checkpoint: Checkpoint;
  /** config.json of the tensors as they are: matrices of GPT-2 are [outFeatures, inFeatures], which `lowbit` states. */
  readonly config: HuggingFaceConfig;
  /** The same for a model directory, where they are transposed. */
  readonly directoryConfig: HuggingFaceConfig;
  readonly architecture: GgufArchitecture;
  /** What a tensor of the view is in the GGUF file; undefined for a name that the view does not have. */
  original(name: string): GgufOriginal | undefined;
}

/** A tensor of the file, as the view tells of it. */
export interface GgufOriginal {
  /** "blk.3.attn_q.weight" */
  readonly name: string;
  /** The view's rows stand in another order. */
  readonly isReordered: boolean;
}

/** Factors of the rotary frequencies: part of the config, not a weight. */
export const ROTARY_FACTORS = "rope_freqs.weight";
const OUTPUT = "output.weight";
/** Where the activations of NVFP4 layers were clipped; weights do not depend on it. */
const INPUT_SCALE = /^blk\.\d+\..+\.input_scale$/;

/** Bytes of the factors of the largest head. */
const MOST_FACTOR_BYTES = 2 ** 18;

/**
 * A GGUF file as the model that it was made of. Nothing is copied: names and the order of rows change when tensors are read.
 * An output that equals the embedding is left out, and the config says that the head is tied.
 * @param checkpoint of the GGUF file, or of all its splits
 * @throws `model/gguf-no-weights`, `model/gguf-architecture`, `model/gguf-key`, `model/gguf-setting`
 */
export async function huggingFaceView(checkpoint: GgufCheckpoint): Promise<HuggingFaceView> {
  const { gguf: metadata } = checkpoint;
  if (checkpoint.tensors.length === 0) {
    throw new LowbitError("model/gguf-no-weights", `${checkpoint.name}: holds ${metadata.size} keys and 0 tensors.`, {
      model: checkpoint.name,
      keys: metadata.size,
    });
  }
  const architecture = ggufArchitecture(checkpoint.name, metadata);
  const stated = metadata.get("general.architecture") as { readonly value: string };
  const fields = new GgufFields(checkpoint.name, stated.value, metadata);
  const hidden = new Set([ROTARY_FACTORS, ...((await hasTiedCopy(checkpoint)) ? [OUTPUT] : [])]);
  const directoryConfig = architecture.config(fields, await shapesOf(checkpoint, fields, hidden));
  const config =
    architecture.transposedModules === undefined
      ? directoryConfig
      : { ...directoryConfig, lowbit: { linear_weights: "out-in" } };
  const originals = renamed(checkpoint, hidden, architecture, headSizes(directoryConfig));
  const view = viewOf(checkpoint, originals, config);
  return {
    checkpoint: view,
    config,
    directoryConfig,
    architecture,
    original: (name) => {
      const found = originals.get(view.tensor(name)!);
      return found && { name: found.tensor.name, isReordered: found.rows !== undefined };
    },
  };
}

/** Some writers store the output of a tied model too: a copy of the embedding. */
async function hasTiedCopy(checkpoint: Checkpoint): Promise<boolean> {
  const output = checkpoint.tensor(OUTPUT);
  const embedding = checkpoint.tensor("token_embd.weight");
  return output !== undefined && embedding !== undefined && areSame(checkpoint, output, embedding);
}

async function shapesOf(checkpoint: Checkpoint, fields: GgufFields, hidden: ReadonlySet<string>): Promise<GgufShapes> {
  const shape = (name: string) => (hidden.has(name) ? undefined : checkpoint.tensor(name)?.shape);
  const factors = checkpoint.tensor(ROTARY_FACTORS);
  if (factors === undefined) return { shape };
  if (factors.dtype !== "F32" || factors.blockType !== undefined || factors.byteLength > MOST_FACTOR_BYTES) {
    throw fields.invalid("rope.dimension_count", "a number of at most 65536 F32 factors in rope_freqs.weight");
  }
  const bytes = new Uint8Array(factors.byteLength);
  await checkpoint.read(factors, 0, bytes);
  const view = new DataView(bytes.buffer);
  const rotaryFactors = Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  return { shape, rotaryFactors };
}

/** Tensors of the view with what of the file they are. */
type Originals = ReadonlyMap<CheckpointTensor, { readonly tensor: CheckpointTensor; readonly rows?: OrderedRows }>;

function renamed(
  checkpoint: Checkpoint,
  hidden: ReadonlySet<string>,
  architecture: GgufArchitecture,
  heads: HeadSizes,
): Originals {
  const originals = new Map<CheckpointTensor, { readonly tensor: CheckpointTensor; readonly rows?: OrderedRows }>();
  for (const tensor of checkpoint.tensors) {
    if (hidden.has(tensor.name) || INPUT_SCALE.test(tensor.name)) continue;
    const rows = orderedRows(architecture, heads, tensor);
    const name = huggingFaceName(architecture.modules, tensor.name);
    originals.set({ ...tensor, name }, { tensor, ...(rows !== undefined && { rows }) });
  }
  return originals;
}

function viewOf(checkpoint: Checkpoint, originals: Originals, config: HuggingFaceConfig): Checkpoint {
  const tensors = inNaturalOrder([...originals.keys()], ({ name }) => name);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const twice = tensors.find((tensor) => byName.get(tensor.name) !== tensor);
  if (twice !== undefined) {
    const { name } = twice;
    throw new LowbitError("layouts/duplicate-weight", `${checkpoint.name}: two tensors are the weight ${name}.`, {
      name,
    });
  }
  return {
    name: checkpoint.name,
    tensors,
    shards: checkpoint.shards,
    metadata: checkpoint.metadata,
    config,
    tensor: (name) => byName.get(name),
    async read(tensor, offset, target, options) {
      const found = originals.get(byName.get(tensor.name)!)!;
      if (found.rows === undefined) return checkpoint.read(found.tensor, offset, target, options);
      await readInSourceOrder(checkpoint, found.tensor, found.rows, offset, target, options);
    },
    close: () => checkpoint.close(),
  };
}

/** Tensors of other sizes are refused when the model is opened; their rows stay as they are. */
function orderedRows(
  { rowOrder }: GgufArchitecture,
  heads: HeadSizes,
  { name, shape, byteLength, blockType }: CheckpointTensor,
): OrderedRows | undefined {
  const module = /^blk\.\d+\.(.+)\.(?:weight|bias)$/.exec(name)?.[1];
  const order = module === undefined ? undefined : rowOrder(module, heads);
  if (order === undefined) return undefined;
  const rows = (order.kind === "by-part" ? 3 : 1) * order.headCount * order.headSize;
  if (shape[0] !== rows) return undefined;
  const sharedBytes = blockType === undefined ? 0 : ggufType(blockType)!.sharedBytes;
  return { order, rowBytes: (byteLength - sharedBytes) / rows, rows };
}
