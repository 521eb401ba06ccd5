import type { KernelBackend } from "@lowbit/core/backend";
import { openWeight } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { decodeTerms, type InputTransform, type Term } from "@lowbit/core/terms";
import { openTernarized } from "../model/ternarized-weight.js";
import type { GgufExportTensor } from "./gguf-export.js";

/** Rows of a GGUF tensor before they are placed: in the order of the weight's own rows (see `placeRows`); a vector has a value a row. */
export interface ExportRows {
  readonly rows: number;
  readonly columns: number;
  /** Fills `target` [end − begin, columns]. */
  read(begin: number, end: number, target: Float32Array): Promise<void>;
  /** Absent for plain weights and for those that are transposed. */
  readonly stored?: StoredTerms;
}

export interface StoredTerms {
  readonly transforms: readonly InputTransform[];
  terms(begin: number, end: number): Promise<readonly Term[]>;
}

/**
 * Opens the values of a tensor, and its terms where it is quantized. A vector or transposed weight (GPT-2) is held in
 * memory as f32 as long as the result is.
 */
export async function openExportRows(
  { shape, source }: GgufExportTensor,
  checkpoint: Checkpoint,
  backend: KernelBackend,
): Promise<ExportRows> {
  const rows = shape[0]!;
  const columns = shape.length < 2 ? 1 : shape[1]!;
  if (source.kind === "values") return heldRows(rows, columns, source.values);
  const { weight, isTransposed, isTernarized } = source;
  if (isTernarized && weight.kind === "plain") {
    const terms = await openTernarized(weight, checkpoint, backend);
    return {
      rows,
      columns,
      read: async (begin, end, target) => decodeTerms(await terms(begin, end), target, backend),
      stored: { transforms: [], terms },
    };
  }
  const opened = await openWeight(checkpoint, weight, backend);
  if (isTransposed || shape.length < 2) {
    const values = new Float32Array(opened.rows * opened.columns);
    await opened.read(0, opened.rows, values);
    return heldRows(rows, columns, isTransposed ? transposed(values, opened.rows, opened.columns) : values);
  }
  const read = opened.read.bind(opened);
  if (weight.kind === "plain") return { rows, columns, read };
  const reader = await weight.open();
  return {
    rows,
    columns,
    read,
    stored: { transforms: reader.transforms, terms: (begin, end) => reader.rows(begin, end) },
  };
}

function heldRows(rows: number, columns: number, values: Float32Array): ExportRows {
  return {
    rows,
    columns,
    read: async (begin, end, target) => target.set(values.subarray(begin * columns, end * columns)),
  };
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}
