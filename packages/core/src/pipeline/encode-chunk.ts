import type { FittedBlockType } from "../backend/ops/block-ops.js";
import { blockType } from "../blocks/block-table.js";
import type { BlockTypeName } from "../blocks/block-type.js";
import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import { type GgufTypeName, ggufType } from "../gguf/gguf-types.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { EncodeTask } from "./chunk-task.js";
import { decodeWeights } from "./decode-weights.js";
import { addRows, type ErrorSums, NO_ERROR } from "./error-sums.js";
import { readBlocks } from "./read-blocks.js";
import { readOrderedRows } from "./read-ordered-rows.js";
import { type RowRange, rowBlocks } from "./row-chunks.js";

/**
 * Encodes the rows of a chunk in the storage type of a GGUF file, block by block, and writes them in one piece. Answers
 * with the error where the task measures it, else with nothing in the sums.
 */
export async function encodeChunk(
  task: EncodeTask,
  chunk: RowRange,
  environment: ChunkEnvironment,
): Promise<ErrorSums> {
  const { workspace, writer } = environment;
  const rowBytes = encodedRowBytes(task);
  let errors = NO_ERROR;
  await eachBlock(task, chunk, environment, (block, rows) => {
    const at = (rows.start - chunk.start) * rowBytes;
    const bytes = workspace.views().terms.subarray(at, at + rows.count * rowBytes);
    encode(task, block, rows, bytes, environment);
    if (task.measuresError) errors = addError(task, block, rows, bytes, errors, environment);
  });
  const bytes = workspace.views().terms.subarray(0, chunk.count * rowBytes);
  await writer!.write(task.place.file, task.place.byteOffset + chunk.start * rowBytes, bytes);
  return errors;
}

/** Bytes of a row of the output. */
export function encodedRowBytes({ type, shape }: EncodeTask): number {
  const { weights, bytes } = ggufType(type)!;
  return (shape.columns / weights) * bytes;
}

/** Weights of every block in the order of the output's rows. */
async function eachBlock(
  task: EncodeTask,
  chunk: RowRange,
  environment: ChunkEnvironment,
  use: (block: RowBlock, rows: RowRange) => void,
): Promise<void> {
  const { source, shape } = task;
  if (source.kind === "tensor" && task.rowOrder === undefined) {
    await readBlocks(source.tensor, shape, chunk, environment, (bytes, rows) => {
      use(decodeWeights(source.tensor, shape, bytes, rows, environment), rows);
    });
    return;
  }
  const weight = source.kind === "weight" ? await environment.weights!.open(source.weight) : undefined;
  for (const rows of rowBlocks(shape, chunk)) {
    environment.throwIfAborted();
    const block = (): RowBlock => ({
      values: environment.workspace.views().values.subarray(0, rows.count * shape.columns),
      rows: rows.count,
      columns: shape.columns,
    });
    if (source.kind === "tensor") {
      const bytes = await readOrderedRows(source.tensor, shape, task.rowOrder!, rows, environment);
      use(decodeWeights(source.tensor, shape, bytes, rows, environment), rows);
    } else if (task.rowOrder === undefined) {
      await weight!.read(rows.start, rows.start + rows.count, block().values);
      use(block(), rows);
    } else {
      for (let row = 0; row < rows.count; row++) {
        const from = task.rowOrder[rows.start + row]!;
        await weight!.read(from, from + 1, block().values.subarray(row * shape.columns, (row + 1) * shape.columns));
      }
      use(block(), rows);
    }
  }
}

type GgufFloatType = "F32" | "F16" | "BF16";

function isFloatType(type: GgufTypeName): type is GgufFloatType {
  return type === "F32" || type === "F16" || type === "BF16";
}

const FITTED: ReadonlySet<string> = new Set<FittedBlockType>([
  "Q2_K",
  "Q3_K",
  "Q4_K",
  "Q5_K",
  "Q6_K",
  "IQ4_NL",
  "IQ4_XS",
]);

/** Whether our own search exists for a type; for the others ggml's rule is the only one. */
export function isFittedType(type: string): type is FittedBlockType {
  return FITTED.has(type);
}

function encode(
  task: EncodeTask,
  block: RowBlock,
  rows: RowRange,
  bytes: Uint8Array,
  { backend }: ChunkEnvironment,
): void {
  const { type, encoder, importance } = task;
  if (isFloatType(type)) {
    backend.encodeFloats(type, block.values, bytes);
    if (DTYPES[type].bits < 32) refuseOverflow(task, type, rows, bytes);
  } else if (encoder === "lowbit" && isFittedType(type)) {
    backend.blockFit(block, type, bytes, ...(importance === undefined ? [] : [importance]));
  } else {
    backend.blockEncode(block, type as BlockTypeName, bytes);
  }
}

/** Every finite weight has exponents below the highest; a 16-bit float with the highest is infinite. */
function refuseOverflow({ name }: EncodeTask, dtype: FloatDtype, rows: RowRange, bytes: Uint8Array): void {
  const exponent = dtype === "BF16" ? 0x7f80 : 0x7c00;
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (!words.some((word) => (word & exponent) === exponent)) return;
  throw new LowbitError(
    "pipeline/value-overflow",
    `Weight "${name}", rows ${rows.start} to ${rows.start + rows.count - 1}: a value is not finite as ${dtype}.`,
    { weight: name, dtype, firstRow: rows.start, rowCount: rows.count },
  );
}

function addError(
  { type }: EncodeTask,
  block: RowBlock,
  rows: RowRange,
  bytes: Uint8Array,
  errors: ErrorSums,
  { backend, workspace }: ChunkEnvironment,
): ErrorSums {
  const { errors: figures, approximation } = workspace.views();
  const scratch = approximation.subarray(0, block.values.length);
  if (isFloatType(type)) {
    backend.decodeFloats(type, bytes, scratch);
    backend.errorStatistics(block, scratch, figures);
  } else {
    const term = blockType(type as BlockTypeName).unpack(bytes, block.rows, block.columns);
    backend.decodedErrors(block, [term], scratch, figures);
  }
  return addRows(errors, workspace.views().errors, rows.start, rows.count, block.columns);
}
