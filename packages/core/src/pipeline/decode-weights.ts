import { type FloatDtype, isFloatDtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import type { MatrixShape, RowBlock } from "../tensor/row-block.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { RowRange } from "./row-chunks.js";

/**
 * The stored bytes of some rows as a block of finite f32 weights, in the workspace.
 * @throws `pipeline/non-finite-weight` naming tensor, row and column of the first NaN or infinity.
 */
export function decodeWeights(
  tensor: CheckpointTensor,
  shape: MatrixShape,
  bytes: Uint8Array,
  rows: RowRange,
  environment: ChunkEnvironment,
): RowBlock {
  const values = environment.workspace.views().values.subarray(0, rows.count * shape.columns);
  const nonFinite = environment.backend.decodeFloats(floatDtype(tensor), bytes, values);
  if (nonFinite > 0) throw nonFiniteWeight(tensor, shape, values, rows);
  return { values, rows: rows.count, columns: shape.columns };
}

/** @throws `pipeline/tensor-not-float` */
function floatDtype({ name, dtype }: CheckpointTensor): FloatDtype {
  if (isFloatDtype(dtype)) return dtype;
  throw new LowbitError(
    "pipeline/tensor-not-float",
    `Tensor "${name}" has dtype ${dtype}, which holds no real numbers.`,
    {
      tensor: name,
      dtype,
    },
  );
}

function nonFiniteWeight(
  tensor: CheckpointTensor,
  { columns }: MatrixShape,
  values: Float32Array,
  rows: RowRange,
): LowbitError {
  const place = values.findIndex((value) => !Number.isFinite(value));
  const row = rows.start + Math.floor(place / columns);
  const column = place % columns;
  const found = String(values[place]);
  return new LowbitError(
    "pipeline/non-finite-weight",
    `Tensor "${tensor.name}" has ${found} at row ${row}, column ${column}; every weight must be finite.`,
    { tensor: tensor.name, row, column, found },
  );
}
