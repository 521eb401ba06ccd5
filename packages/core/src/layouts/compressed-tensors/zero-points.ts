import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { ReadOptions } from "../logical-weight.js";
import { partner, wrongTensor, wrongValue } from "../partner-tensors.js";
import { readAll } from "../read-bytes.js";
import { idleCodes, type WordPacking, wordCount } from "./word-packing.js";

const LAYOUT = "compressed-tensors";

/** Zero points [rows, groups] of a weight. They are signed: the stored one is the zero of the codes − 2^(bits − 1). */
export interface StoredZeroPoints {
  readonly tensor: CheckpointTensor;
  /** In words as codes are; else one I8 each. */
  readonly isPacked: boolean;
  readonly rows: number;
  readonly groups: number;
  readonly bits: number;
}

/**
 * The zero points beside a weight, in words along the rows (I32 [words, groups]) or one a byte (I8).
 * @param rows rows of scales: 1 where the whole tensor shares one
 * @param packings how words may be packed: as those of the codes
 * @throws `layouts/missing-partner` when they are needed and not there, `layouts/wrong-tensor`
 */
export function zeroPointTensor(
  checkpoint: Checkpoint,
  weight: string,
  module: string,
  isNeeded: boolean,
  rows: number,
  groups: number,
  bits: number,
  packings: readonly WordPacking[],
): StoredZeroPoints | undefined {
  const name = `${module}.weight_zero_point`;
  const tensor = isNeeded ? partner(checkpoint, LAYOUT, weight, name) : checkpoint.tensor(name);
  if (tensor === undefined) return undefined;
  const stored = { tensor, rows, groups, bits };
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  if (tensor.dtype === "I8" && count === rows * groups) return { ...stored, isPacked: false };
  const shapes = packings.map((packing) => [wordCount(rows, bits, packing), groups]);
  if (tensor.dtype === "I32" && shapes.some(([words]) => sameShape(tensor.shape, words!, groups))) {
    return { ...stored, isPacked: true };
  }
  const packed = shapes.map((shape) => `I32 [${shape.join(", ")}] or `).join("");
  throw wrongTensor(LAYOUT, tensor, `${packed}I8 [${rows}, ${groups}]`);
}

function sameShape(shape: readonly number[], words: number, groups: number): boolean {
  return shape.length === 2 && shape[0] === words && shape[1] === groups;
}

/** Reads all of them; answers rows as the array of an affine term. */
export async function readZeroPoints(
  checkpoint: Checkpoint,
  stored: StoredZeroPoints,
  packing: WordPacking,
  options?: ReadOptions,
): Promise<(begin: number, end: number) => Uint8Array> {
  const { tensor, rows, groups, bits, isPacked } = stored;
  const bytes = await readAll(checkpoint, tensor, options);
  const zeros = isPacked ? packedZeros(bytes, stored, packing) : signedZeros(bytes, bits, tensor.name);
  const rowBytes = packedByteLength(groups, bits);
  const packed = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    packCodes(zeros.subarray(row * groups, (row + 1) * groups), bits, packed.subarray(row * rowBytes));
  }
  return (begin, end) => packed.subarray(begin * rowBytes, end * rowBytes);
}

function signedZeros(bytes: Uint8Array, bits: number, name: string): Uint8Array {
  const middle = 2 ** (bits - 1);
  return bytes.map((byte) => {
    const zero = (byte << 24) >> 24;
    if (zero < -middle || zero >= middle) {
      throw wrongValue(LAYOUT, name, `holds the zero point ${zero}; ${bits} bits allow ${-middle} to ${middle - 1}`);
    }
    return zero + middle;
  });
}

/** Words run along the rows, one column of words for every group. */
function packedZeros(bytes: Uint8Array, { rows, groups, bits }: StoredZeroPoints, packing: WordPacking): Uint8Array {
  const words = wordCount(rows, bits, packing);
  const zeros = new Uint8Array(rows * groups);
  const column = new Uint8Array(4 * words);
  const codes = new Uint8Array(rows);
  for (let group = 0; group < groups; group++) {
    for (let word = 0; word < words; word++) {
      const from = 4 * (word * groups + group);
      column.set(bytes.subarray(from, from + 4), 4 * word);
    }
    if (packing === "dense") unpackCodes(column, bits, rows, codes);
    else codes.set(idleCodes(column, bits, rows));
    for (let row = 0; row < rows; row++) zeros[row * groups + group] = codes[row]!;
  }
  return zeros;
}
