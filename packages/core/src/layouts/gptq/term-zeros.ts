import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readU32, writeU32 } from "../../terms/index-array.js";
import type { GptqReading } from "./open-gptq-weight.js";
import { mixedVersions, unpackZeros, versionOfZeros } from "./zero-version.js";

/**
 * Zeros [rows, groups] of a term, packed. Version 1 stores zero − 1: a zero of 0 wraps to 2^bits − 1.
 * @param qzeros I32 [groups, rows·bits/32]
 * @throws `layouts/mixed-versions` when the zeros are of the other version
 */
export function termZeros({ rows, bits }: AffineLayout, reading: GptqReading, qzeros: Uint8Array): Uint8Array {
  const { module, groups, version, borrows } = reading;
  const stored = storedZeros(reading, qzeros);
  const told = versionOfZeros(stored, bits) ?? version;
  if (told !== version) {
    const others = `the others of ${module.qzeros.shard}`;
    throw told === 1 ? mixedVersions(module.qzeros.name, others) : mixedVersions(others, module.qzeros.name);
  }
  const isWordwise = version === 1 && borrows && 8 % bits === 0;
  const all = isWordwise ? storedZeros(reading, addedToFields(qzeros, bits)) : stored;
  const missing = version === 1 && !isWordwise ? 1 : 0;
  const { sourceOf } = groups;
  const mask = 2 ** bits - 1;
  const rowBytes = packedByteLength(sourceOf.length, bits);
  const target = new Uint8Array(rows * rowBytes);
  const zeros = new Uint8Array(sourceOf.length);
  for (let row = 0; row < rows; row++) {
    for (let g = 0; g < zeros.length; g++) zeros[g] = (all[sourceOf[g]! * rows + row]! + missing) & mask;
    packCodes(zeros, bits, target.subarray(row * rowBytes, (row + 1) * rowBytes));
  }
  return target;
}

/** Fields of the file, [groups, rows]. */
function storedZeros({ module, format }: GptqReading, qzeros: Uint8Array): Uint8Array {
  const { rows, bits } = module;
  const groupBytes = 4 * module.qzeros.shape[1]!;
  const stored = new Uint8Array(module.groups * rows);
  for (let group = 0; group < module.groups; group++) {
    const row = qzeros.subarray(group * groupBytes, (group + 1) * groupBytes);
    stored.set(unpackZeros(row, rows, bits, format), group * rows);
  }
  return stored;
}

/** One added to every field of a word at once, as GPTQModel does: a zero of 0 gives back what it borrowed from the next. */
function addedToFields(qzeros: Uint8Array, bits: number): Uint8Array {
  const ones = 0xffffffff / (2 ** bits - 1);
  const target = new Uint8Array(qzeros.byteLength);
  writeU32(
    readU32(qzeros).map((word) => word + ones),
    target,
  );
  return target;
}
