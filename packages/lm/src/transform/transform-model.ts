import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { type Rotation, rotateRows } from "@lowbit/core/linalg";
import { pauseUnlessAborted } from "../forward/pause-unless-aborted.js";
import type { ModelSource } from "../model/language-model.js";
import type { Head, WeightMatrix } from "../model/layers.js";
import { withPart } from "../model/part-access.js";
import { type AwqSettings, awqOptions, scaleBlock } from "./awq-block.js";
import { checkTransformable } from "./check-transformable.js";
import { doubleBlock, doubleRows, doubleTensors, doubleVector } from "./double-block.js";
import { multiplyColumns, rotateResidual, rotateValues } from "./rotate-block.js";
import { type ModelRotations, modelRotations, type RotationSite } from "./rotation-sites.js";
import { checkSmooth, type SmoothSettings, type StatisticsReader, smoothBlock } from "./smooth-block.js";

/** What is merged into a model. */
export interface TransformSettings {
  readonly rotate?: readonly RotationSite[];
  /** Of the rotations; 0 when absent. */
  readonly seed?: number;
  readonly smooth?: SmoothSettings & { readonly statistics: StatisticsReader };
  /** Scales of AWQ. */
  readonly awq?: AwqSettings & { readonly statistics: StatisticsReader };
}

/** Takes `values` as elements `begin` … of the tensor `name`; the array is used again afterwards. */
export type TensorWriter = (name: string, begin: number, values: Float64Array) => Promise<void>;

export interface TransformProgress {
  readonly donePieces: number;
  readonly totalPieces: number;
  /** What is done next: "block 3". */
  readonly label: string;
}

export interface TransformRun {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransformProgress) => void;
}

/** Name of the head's own matrix, once it is no longer the embedding's. */
export const HEAD_WEIGHT = "lm_head.weight";

/** Values of the vocabulary's matrices that are held at a time. */
const PIECE_VALUES = 2 ** 20;

/** R1 changes embedding and head in different ways: a tied head becomes a matrix of its own. */
export function untiesHead({ rotate = [] }: TransformSettings): boolean {
  return rotate.includes("R1");
}

/**
 * Merges transforms into a plain model, in f64, so that its outputs stay the same, and hands out every tensor of the result: a
 * block's memory at a time. Norms whose gain has moved elsewhere are handed out as ones.
 * @throws `transform/…`, `model/not-finite`, `pipeline/aborted`
 */
export async function transformModel(
  source: ModelSource,
  backend: KernelBackend,
  settings: TransformSettings,
  write: TensorWriter,
  { signal, onProgress }: TransformRun = {},
): Promise<void> {
  const { config } = source;
  const rotations = checkedRotations(source, settings);
  const totalPieces = config.blockCount + 2;
  const pause = pauseUnlessAborted(signal, "pipeline/aborted", "The transform was stopped.");
  const next = async (donePieces: number, label: string) => {
    await pause();
    onProgress?.({ donePieces, totalPieces, label });
  };
  await next(0, "embedding");
  await withPartAsync(source.loadEmbedding(), ({ tokens }) =>
    writeRows(tokens, tokens.name, backend, write, (rows) => turnRows(rotations.residual, rows)),
  );
  for (let index = 0; index < config.blockCount; index++) {
    await next(index + 1, `block ${index}`);
    const block = await withPart(source.loadBlock(index), (part) => doubleBlock(part, backend));
    if (settings.smooth !== undefined) await smoothBlock(block, config, settings.smooth.statistics, settings.smooth);
    if (settings.awq !== undefined) {
      const { statistics, ...grid } = settings.awq;
      await scaleBlock(block, config, statistics, grid, backend);
    }
    if (rotations.values !== undefined) rotateValues(block, rotations.values(index));
    if (rotations.residual !== undefined) rotateResidual(block, rotations.residual);
    for (const { name, values } of doubleTensors(block)) await write(name, 0, values);
  }
  await next(totalPieces - 1, "head");
  const isTied = config.isTied && !untiesHead(settings);
  await withPartAsync(source.loadHead(), (head) => writeHead(head, isTied, rotations.residual, backend, write));
}

/** @throws `transform/…` */
function checkedRotations({ config, name }: ModelSource, settings: TransformSettings): ModelRotations {
  const { rotate = [], seed = 0, smooth, awq } = settings;
  checkTransformable(config, name);
  if (smooth !== undefined) checkSmooth(smooth);
  if (awq !== undefined) {
    const { statistics: _, ...grid } = awq;
    awqOptions(grid);
  }
  const asked = [...rotate, ...(smooth === undefined ? [] : ["smooth"]), ...(awq === undefined ? [] : ["awq"])];
  if (asked.length === 0) {
    throw new LowbitError(
      "transform/invalid-option",
      "No transform was asked for; R1, R2, smoothing and AWQ's scales are possible.",
      { option: "rotate", allowed: ["R1", "R2", "smooth", "awq"] },
    );
  }
  if (awq !== undefined && asked.length > 1) {
    const others = asked.filter((transform) => transform !== "awq");
    throw new LowbitError(
      "transform/invalid-option",
      `AWQ's scales are searched on the weights and inputs of the plain model, which ${others.join(", ")} would change: ask for one of the two.`,
      { option: "awq", with: others },
    );
  }
  if (smooth !== undefined && rotate.includes("R1")) {
    throw new LowbitError(
      "transform/invalid-option",
      "Smoothing is merged into the gains of norms, which R1 moves back into the weights: ask for one of the two.",
      { option: "smooth", with: "R1" },
    );
  }
  return modelRotations(config, rotate, seed);
}

async function writeHead(
  { norm, output }: Head,
  isTied: boolean,
  rotation: Rotation | undefined,
  backend: KernelBackend,
  write: TensorWriter,
): Promise<void> {
  const gain = doubleVector(norm.weight);
  if (!isTied) {
    const name = untiedName(output.name);
    await writeRows(output, name, backend, write, (weight) => {
      if (rotation !== undefined) multiplyColumns(weight, gain.values);
      turnRows(rotation, weight);
    });
  }
  await write(gain.name, 0, rotation === undefined ? gain.values : new Float64Array(gain.values.length).fill(1));
}

/** The head of a tied model has the embedding's name until R1 parts them. */
function untiedName(name: string): string {
  return name.endsWith(HEAD_WEIGHT) ? name : HEAD_WEIGHT;
}

function turnRows(rotation: Rotation | undefined, rows: Float64Array): void {
  if (rotation !== undefined) rotateRows(rotation, rows);
}

/** A matrix of the vocabulary, a few rows at a time. */
async function writeRows(
  matrix: WeightMatrix,
  name: string,
  backend: KernelBackend,
  write: TensorWriter,
  change: (rows: Float64Array) => void,
): Promise<void> {
  const step = Math.max(1, Math.floor(PIECE_VALUES / matrix.columns));
  for (let begin = 0; begin < matrix.rows; begin += step) {
    const values = doubleRows(matrix, begin, Math.min(step, matrix.rows - begin), backend);
    change(values);
    await write(name, begin * matrix.columns, values);
  }
}

/** `withPart` for uses that take time. */
async function withPartAsync<T>(
  loading: Promise<{ readonly part: T; release(): void }>,
  use: (part: T) => Promise<void>,
): Promise<void> {
  const loaded = await loading;
  try {
    await use(loaded.part);
  } finally {
    loaded.release();
  }
}
