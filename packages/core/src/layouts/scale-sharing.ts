import { DTYPES } from "../dtype/dtype-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { groupCount } from "../terms/granularity.js";
import type { Granularity, ScaleDtype } from "../terms/term.js";
import { wrongTensor } from "./partner-tensors.js";

/** Which weights of a matrix share an element of a tensor of scales. */
export interface ScaleSharing {
  readonly granularity: Granularity;
  /** Columns that share a scale. */
  readonly groupSize: number;
  /** Rows that share a scale; 1 but for blocks, `rows` where the whole tensor shares one. */
  readonly rowsPerScale: number;
}

/** What config.json may say of it. */
export interface StatedSharing {
  readonly groupSize?: number | undefined;
  /** Rows and columns of a block. */
  readonly block?: readonly [number, number] | undefined;
}

/**
 * How scales are shared, by the shape of their tensor: [] and [1] the whole matrix, [rows] and [rows, 1] one each row,
 * [rows, groups] groups of columns, anything smaller blocks of rows and columns. Stacked matrices have stacked scales:
 * all axes but the last are joined into rows, as those of the weight are.
 * @param shape of the weight
 * @throws `layouts/wrong-tensor`
 */
export function scaleSharing(
  layout: string,
  shape: readonly number[],
  scale: CheckpointTensor,
  stated: StatedSharing = {},
): ScaleSharing {
  const { rows, columns } = matrixShape(shape);
  const count = scale.shape.reduce((product, size) => product * size, 1);
  if (count === 1) return { granularity: "tensor", groupSize: columns, rowsPerScale: rows };
  const groups = scale.shape.length < 2 ? 1 : scale.shape.at(-1)!;
  const scaleRows = groups === 0 ? 0 : count / groups;
  if (scaleRows === rows && groups === 1) return { granularity: "row", groupSize: columns, rowsPerScale: 1 };
  // Blocks of a stack must not reach from one matrix into the next.
  const isStack = shape.length > 2 && scaleRows !== rows;
  const rowsPerScale =
    scaleRows === rows ? 1 : spanOf(rows, scaleRows, isStack ? undefined : stated.block?.[0], !isStack);
  const groupSize = spanOf(columns, groups, stated.groupSize ?? stated.block?.[1], true);
  if (rowsPerScale === undefined || groupSize === undefined || (isStack && shape.at(-2)! % rowsPerScale !== 0)) {
    throw wrongTensor(layout, scale, `one scale for every row, group or block of [${shape.join(", ")}]`);
  }
  const granularity = groupSize >= columns ? "row" : "group";
  return { granularity, groupSize: Math.min(groupSize, columns), rowsPerScale };
}

/** Length of the parts that `count` parts of `length` have: as stated where that fits, else equal ones, else 128. */
function spanOf(length: number, count: number, stated: number | undefined, mayBeUneven: boolean): number | undefined {
  if (count === 0) return undefined;
  if (stated !== undefined && groupCount(length, stated) === count) return stated;
  if (length % count === 0) return length / count;
  return mayBeUneven && groupCount(length, 128) === count ? 128 : undefined;
}

/** Scales of rows `begin` … `end − 1`, one row of groups each, from those of blocks of rows. */
export function repeatedScaleRows(
  scales: Uint8Array,
  groupBytes: number,
  rowsPerScale: number,
  begin: number,
  end: number,
): Uint8Array {
  const repeated = new Uint8Array((end - begin) * groupBytes);
  for (let row = begin; row < end; row++) {
    const from = Math.floor(row / rowsPerScale) * groupBytes;
    repeated.set(scales.subarray(from, from + groupBytes), (row - begin) * groupBytes);
  }
  return repeated;
}

/** Whether a term can keep its scales in the dtype of this tensor. */
export function isScaleDtype(dtype: string): dtype is ScaleDtype {
  return dtype === "F16" || dtype === "BF16" || dtype === "F32";
}

/** Bytes of a row of scales. */
export function scaleRowBytes(dtype: ScaleDtype, columns: number, groupSize: number): number {
  return (groupCount(columns, groupSize) * DTYPES[dtype].bits) / 8;
}
