import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { WholeWeight } from "../../layouts/layout-writer.js";
import type { LogicalWeight, StoredQuantizedWeight } from "../../layouts/logical-weight.js";
import { openWeight } from "../../layouts/read-weight.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import { foldTransforms } from "../../terms/input-transform.js";

/** The terms of a quantized weight, all rows. */
export async function readWholeWeight(weight: StoredQuantizedWeight): Promise<WholeWeight> {
  const { name, shape, dtype } = weight;
  const reader = await weight.open();
  const terms = await reader.rows(0, matrixShape(shape).rows);
  return { name, shape, dtype, terms, transforms: reader.transforms };
}

/** The first `rows` rows of a weight as plain values, all by default. */
export async function readValues(
  checkpoint: Checkpoint,
  weight: LogicalWeight,
  backend: KernelBackend,
  rows: number = matrixShape(weight.shape).rows,
): Promise<RowBlock> {
  const { columns } = matrixShape(weight.shape);
  const values = new Float32Array(rows * columns);
  if (values.length > 0) await (await openWeight(checkpoint, weight, backend)).read(0, rows, values);
  return { values, rows, columns };
}

/** The values of a weight that is in memory. */
export function decodeWhole({ shape, terms, transforms }: WholeWeight, backend: KernelBackend): RowBlock {
  const { rows, columns } = matrixShape(shape);
  const values = new Float32Array(rows * columns);
  decodeTerms(terms, values, backend);
  foldTransforms(transforms, { values, rows, columns }, backend);
  return { values, rows, columns };
}
