import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { groupCount } from "../../terms/granularity.js";
import { readU32, writeU32 } from "../../terms/index-array.js";
import type { InputTransform } from "../../terms/input-transform.js";
import { SCALE_BYTES } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";
import { type AffineGrid, affineGrid } from "../affine-grid.js";
import { type GridCodes, gridCodes, gridScales, splitGroups } from "../grid-codes.js";
import type { LayoutRefusal, PackedWeight, WholeWeight } from "../layout-writer.js";
import { transposeWords } from "./words.js";
import type { ZeroVersion } from "./zero-version.js";

/** Code widths that clients load in every version. */
const BITS = [2, 3, 4, 8] as const;
/** Group sizes that GPTQModel loads, beside whole rows. */
export const GPTQ_GROUP_SIZES: readonly number[] = [16, 32, 64, 128, 256, 512, 1024];
/** Words hold 32 codes of any width without a rest. */
const MULTIPLE = 32;

/**
 * A weight in the tensors of GPTQ, which lie transposed: inputs down, outputs across.
 * @param width of the codes; absent: that of the term, or the next wider one that clients load
 */
export function packGptq(weight: WholeWeight, version: ZeroVersion, width?: number): PackedWeight | LayoutRefusal {
  const order = columnOrder(weight.transforms);
  if ("reason" in order) return order;
  const stored = affineGrid(weight.terms);
  if ("reason" in stored) return stored;
  const { rows, columns } = stored;
  const module = /^(.+)\.weight$/.exec(weight.name)?.[1];
  if (module === undefined || weight.shape.length !== 2) return { reason: "no matrix of a linear layer, NAME.weight" };
  if (rows === 0 || rows % MULTIPLE !== 0 || columns % MULTIPLE !== 0) {
    return { reason: `${rows} × ${columns} weights, where it takes multiples of ${MULTIPLE}` };
  }
  const grid = splitGroups(stored, GPTQ_GROUP_SIZES);
  if ("reason" in grid) return grid;
  const bits = width ?? BITS.find((candidate) => candidate >= grid.bits)!;
  const coded = codesOf(grid, bits, version);
  if ("reason" in coded) return coded;
  const scales = gridScales(grid, "F16");
  if ("reason" in scales) return scales;
  const groups = groupCount(columns, grid.groupSize);
  const indices = order.indices;
  const groupIndex = new Uint8Array(4 * columns);
  const groupOf = new Uint32Array(columns);
  for (let c = 0; c < columns; c++) groupOf[indices?.[c] ?? c] = Math.floor(c / grid.groupSize);
  writeU32(groupOf, groupIndex);
  return {
    tensors: [
      {
        name: `${module}.qweight`,
        dtype: "I32",
        shape: [(columns * bits) / 32, rows],
        data: packedCodes(coded.codes, grid, bits, indices),
      },
      {
        name: `${module}.qzeros`,
        dtype: "I32",
        shape: [groups, (rows * bits) / 32],
        data: packedZeros(coded.zero, rows, groups, bits, version),
      },
      {
        name: `${module}.scales`,
        dtype: "F16",
        shape: [groups, rows],
        data: transposedScales(scales.data, rows, groups, "F16"),
      },
      { name: `${module}.g_idx`, dtype: "I32", shape: [columns], data: groupIndex },
    ],
    ...(!scales.isExact && { rounded: `${grid.scaleDtype} scales to F16` }),
    facts: {
      bits,
      groupSize: grid.groupSize,
      columns,
      isSymmetric: coded.isSymmetric,
      hasOrder: indices !== undefined,
    },
  };
}

/** Act-order is one permutation; GPTQ stores no other transform. */
function columnOrder(transforms: readonly InputTransform[]): { readonly indices?: Uint32Array } | LayoutRefusal {
  const [first] = transforms;
  if (first === undefined) return {};
  const kinds = transforms.map(({ layout }) => layout.kind);
  if (kinds.length > 1 || kinds[0] !== "permutation") return { reason: `inputs after ${kinds.join(", ")}` };
  return { indices: readU32(first.arrays["indices"]!) };
}

/** Zeros in the middle when all groups allow it, which every client loads; else those of the term. */
function codesOf(
  grid: AffineGrid,
  bits: number,
  version: ZeroVersion,
): (GridCodes & { isSymmetric: boolean }) | LayoutRefusal {
  const middle = 2 ** (bits - 1);
  const symmetric = gridCodes(grid, bits, { smallest: middle, largest: middle });
  if (!("reason" in symmetric)) return { ...symmetric, isSymmetric: true };
  // Version 1 stores 0 as 2^bits − 1, and its clients differ in what they make of it (docs/formats/gptq.md).
  const coded = gridCodes(grid, bits, { smallest: version === 1 ? 1 : 0, largest: 2 ** bits - 1 });
  if (!("reason" in coded)) return { ...coded, isSymmetric: false };
  return version === 1 && !("reason" in gridCodes(grid, bits))
    ? { reason: "a zero point of 0, which wraps in version 1; gptq-v2 holds it" }
    : coded;
}

/** I32 [columns·bits/32, rows]; code c of a row goes to column `indices[c]` of the file. */
function packedCodes(
  codes: Uint8Array,
  { rows, columns }: AffineGrid,
  bits: number,
  indices?: Uint32Array,
): Uint8Array {
  const rowBytes = packedByteLength(columns, bits);
  const packed = new Uint8Array(rows * rowBytes);
  const scattered = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    const stored = codes.subarray(row * columns, (row + 1) * columns);
    if (indices !== undefined) for (let c = 0; c < columns; c++) scattered[indices[c]!] = stored[c]!;
    packCodes(indices === undefined ? stored : scattered, bits, packed.subarray(row * rowBytes, (row + 1) * rowBytes));
  }
  return transposeWords(packed, rows, rowBytes / 4);
}

/** I32 [groups, rows·bits/32]. */
function packedZeros(zero: Uint8Array, rows: number, groups: number, bits: number, version: ZeroVersion): Uint8Array {
  const groupBytes = packedByteLength(rows, bits);
  const packed = new Uint8Array(groups * groupBytes);
  const stored = new Uint8Array(rows);
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rows; row++) stored[row] = zero[row * groups + group]! - (version === 1 ? 1 : 0);
    packCodes(stored, bits, packed.subarray(group * groupBytes, (group + 1) * groupBytes));
  }
  return packed;
}

/** Scales [columns, rows] from [rows, columns]. */
export function transposedScales(scales: Uint8Array, rows: number, columns: number, dtype: ScaleDtype): Uint8Array {
  const size = SCALE_BYTES[dtype];
  const target = new Uint8Array(scales.byteLength);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      const to = (column * rows + row) * size;
      for (let byte = 0; byte < size; byte++) target[to + byte] = scales[from + byte]!;
    }
  }
  return target;
}
