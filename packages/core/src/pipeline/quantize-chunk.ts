import { LowbitError } from "../errors/index.js";
import type { Term } from "../terms/term.js";
import { layoutRows, placedByteLength, placeTerm, termArray, termRows } from "../terms/term-arrays.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { PlacedTerm, QuantizeTask } from "./chunk-task.js";
import { decodeWeights } from "./decode-weights.js";
import { addRows, type ErrorSums, NO_ERROR } from "./error-sums.js";
import { readBlocks } from "./read-blocks.js";
import type { RowRange } from "./row-chunks.js";

/**
 * Quantizes one chunk block by block, measures the error of what will be read back, and writes the arrays of its rows.
 * Arrays that all rows share (codebook, column scales, a scale of the whole tensor) are written by the first chunk.
 */
export async function quantizeChunk(
  task: QuantizeTask,
  chunk: RowRange,
  surveyed: unknown,
  environment: ChunkEnvironment,
): Promise<ErrorSums> {
  const { backend, workspace } = environment;
  const quantizer = environment.quantizers[task.method];
  if (quantizer === undefined) {
    throw new LowbitError("options/unknown-method", `No method is called "${task.method}".`, { method: task.method });
  }
  let errors = NO_ERROR;
  placeTerms(task, chunk.count, workspace.views().terms).forEach(clear);
  await readBlocks(task.tensor, task.shape, chunk, environment, (bytes, rows) => {
    const decoded = (): ReturnType<typeof decodeWeights> =>
      decodeWeights(task.tensor, task.shape, bytes, rows, environment);
    const terms = placeTerms(task, chunk.count, workspace.views().terms).map((term) =>
      termRows(term, rows.start - chunk.start, rows.start - chunk.start + rows.count),
    );
    const block = decoded();
    quantizer.quantizeRows(block, terms, task.options, surveyed, backend);
    const original = quantizer.keepsBlock ? block : decoded();
    const approximation = workspace.views().approximation.subarray(0, original.values.length);
    const { errors: rowErrors } = workspace.views();
    backend.decodedErrors(original, terms, approximation, rowErrors);
    errors = addRows(errors, rowErrors, rows.start, rows.count, task.shape.columns);
    if (errors.nonFiniteCount > 0) throw scaleOverflow(task, rows);
  });
  const terms = placeTerms(task, chunk.count, workspace.views().terms);
  await Promise.all(task.terms.flatMap((placed, index) => writeTerm(placed, terms[index]!, chunk, environment)));
  return errors;
}

/** Bytes that the terms of a chunk take in the workspace. */
export function chunkTermBytes(terms: readonly PlacedTerm[], rows: number): number {
  return terms.reduce((sum, { layout }) => sum + placedByteLength(layoutRows(layout, rows)), 0);
}

function placeTerms(task: QuantizeTask, rows: number, memory: Uint8Array): Term[] {
  let offset = 0;
  return task.terms.map(({ layout }) => {
    const chunkLayout = layoutRows(layout, rows);
    const term = placeTerm(chunkLayout, memory.subarray(offset));
    offset += placedByteLength(chunkLayout);
    return term;
  });
}

function clear(term: Term): void {
  for (const array of Object.values(term.arrays as unknown as Record<string, Uint8Array>)) array.fill(0);
}

function writeTerm(placed: PlacedTerm, term: Term, chunk: RowRange, { writer }: ChunkEnvironment): Promise<void>[] {
  return placed.arrays.flatMap(({ spec, place }) => {
    const bytes = termArray(term, spec.name);
    if (!spec.perRow) return chunk.start === 0 ? [writer!.write(place.file, place.byteOffset, bytes)] : [];
    const rowBytes = place.byteLength / placed.layout.rows;
    return [writer!.write(place.file, place.byteOffset + chunk.start * rowBytes, bytes)];
  });
}

function scaleOverflow({ tensor, terms }: QuantizeTask, rows: RowRange): LowbitError {
  const dtypes = [
    ...new Set(terms.map(({ layout }) => ("scaleDtype" in layout ? layout.scaleDtype : layout.valueDtype))),
  ];
  return new LowbitError(
    "pipeline/scale-overflow",
    `Tensor "${tensor.name}", rows ${rows.start} to ${rows.start + rows.count - 1}: a scale is too large for ${dtypes.join(", ")}; use a wider scaleDtype (BF16 or F32).`,
    { tensor: tensor.name, firstRow: rows.start, rowCount: rows.count, scaleDtypes: dtypes },
  );
}
