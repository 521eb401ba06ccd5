import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import { groupCount } from "../../terms/granularity.js";
import { loadScale, storeScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { type AffineGrid, affineCode, inverseScale } from "./affine-grid.js";

/** The weights of every group of a row, the shorter last one included; views on the block. */
export function rowGroups(block: RowBlock, row: number, groupSize: number): Float32Array[] {
  const begin = row * block.columns;
  return Array.from({ length: groupCount(block.columns, groupSize) }, (_, group) =>
    block.values.subarray(begin + group * groupSize, begin + Math.min((group + 1) * groupSize, block.columns)),
  );
}

/** Writes the grids of a row into the scale and zero arrays. */
export function storeGrids(term: Term<AffineLayout>, row: number, grids: readonly AffineGrid[]): void {
  const { layout, arrays } = term;
  const first = row * grids.length;
  grids.forEach((grid, group) => {
    storeScale(arrays.scale, layout.scaleDtype, first + group, grid.scale);
    if (layout.zero === "float") storeScale(arrays.zeroPoint!, layout.scaleDtype, first + group, grid.zero);
    if (layout.zero === "minimum") storeScale(arrays.minimum!, layout.scaleDtype, first + group, grid.zero);
  });
  if (layout.zero === "integer") {
    const zeroPoints = Uint8Array.from(grids, (grid) => grid.zero);
    const rowBytes = packedByteLength(grids.length, layout.bits);
    packCodes(zeroPoints, layout.bits, arrays.zeroPoint!.subarray(row * rowBytes, (row + 1) * rowBytes));
  }
}

/** The grids of a row as they are stored. */
export function loadGrids(term: Term<AffineLayout>, row: number): AffineGrid[] {
  const { layout, arrays } = term;
  const scaleRow = layout.granularity === "tensor" ? 0 : row;
  const groups = groupCount(layout.columns, layout.groupSize);
  const first = scaleRow * groups;
  const zeroPoints = new Uint8Array(groups);
  if (layout.zero === "integer") {
    const rowBytes = packedByteLength(groups, layout.bits);
    unpackCodes(arrays.zeroPoint!.subarray(scaleRow * rowBytes), layout.bits, groups, zeroPoints);
  }
  return Array.from(zeroPoints, (zeroPoint, group) => ({
    scale: loadScale(arrays.scale, layout.scaleDtype, first + group),
    zero: {
      midpoint: () => 2 ** (layout.bits - 1),
      integer: () => zeroPoint,
      float: () => loadScale(arrays.zeroPoint!, layout.scaleDtype, first + group),
      minimum: () => loadScale(arrays.minimum!, layout.scaleDtype, first + group),
    }[layout.zero](),
  }));
}

/** Chooses and packs the codes of a row on the given grids. */
export function encodeAffineRow(
  term: Term<AffineLayout>,
  row: number,
  groups: readonly Float32Array[],
  grids: readonly AffineGrid[],
): void {
  const { layout, arrays } = term;
  const codes = new Uint8Array(layout.columns);
  groups.forEach((weights, group) => {
    const grid = grids[group]!;
    const inverse = inverseScale(grid.scale);
    weights.forEach((weight, i) => {
      codes[group * layout.groupSize + i] = affineCode(layout, grid, inverse, weight);
    });
  });
  const rowBytes = packedByteLength(layout.columns, layout.bits);
  packCodes(codes, layout.bits, arrays.codes.subarray(row * rowBytes, (row + 1) * rowBytes));
}
