import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { AffineArrays } from "../terms/affine.js";
import { readScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { termKind } from "../terms/term-kinds.js";
import type { BlockRefusal, PackedBlocks } from "./block-type.js";
import { emptySuperBlock, SUPER_BLOCK, type SuperBlockFormat } from "./super-block.js";
import { recoverSuperScale } from "./super-scale.js";

/** A term whose scales and minimums are multiples of an f16 in every super-block: what `unpack` gives. */
export function packSuperBlocks(format: SuperBlockFormat, terms: readonly Term[]): PackedBlocks | BlockRefusal {
  const [term] = terms;
  if (term === undefined || terms.length > 1) return { reason: `a sum of ${terms.length} terms has no single grid` };
  const reason = otherLayout(format, term);
  if (reason !== undefined) return { reason };
  const { rows, columns } = term.layout;
  const { codes, scale, minimum } = term.arrays as AffineArrays;
  const { scaleDtype } = term.layout as { scaleDtype: "F32" };
  const scales = readScales(scale, scaleDtype);
  const minimums = minimum && readScales(minimum, scaleDtype);
  const fields = emptySuperBlock(format);
  const codeBytes = (SUPER_BLOCK * format.bits) / 8;
  const blocks = new Uint8Array(((rows * columns) / SUPER_BLOCK) * format.bytes);
  for (let block = 0, at = 0; at < blocks.length; block++, at += format.bytes) {
    const first = block * fields.subScales.length;
    const { low, high } = format.subScales;
    const found = recoverSuperScale(scales.subarray(first, first + fields.subScales.length), low, high);
    if (found === undefined) return { reason: noCommonScale("scales", block, columns) };
    fields.scale = found.bits;
    fields.subScales.set(found.steps);
    if (minimums) {
      const subtracted = minimums.subarray(first, first + fields.subScales.length).map((value) => -value);
      const least = recoverSuperScale(subtracted, low, high);
      if (least === undefined) return { reason: noCommonScale("minimums", block, columns) };
      fields.minimum = least.bits;
      fields.subMinimums.set(least.steps);
    }
    unpackCodes(codes.subarray(block * codeBytes), format.bits, SUPER_BLOCK, fields.codes);
    format.write(fields, blocks, at);
  }
  return { blocks };
}

function noCommonScale(what: string, block: number, columns: number): string {
  const row = Math.floor((block * SUPER_BLOCK) / columns);
  return `the ${what} of 256 weights of row ${row} are no multiples of one f16 number`;
}

function otherLayout(format: SuperBlockFormat, { layout, arrays }: Term): string | undefined {
  const { bits, subBlock, levels, hasMinimum } = format;
  const described = `its terms are ${termKind(layout).describe(layout)}`;
  if (layout.kind !== (levels ? "codebook" : "affine")) return described;
  if (layout.bits !== bits || layout.granularity !== "group" || layout.groupSize !== subBlock) return described;
  if (layout.columns % SUPER_BLOCK !== 0) return `its rows of ${layout.columns} are no multiple of ${SUPER_BLOCK}`;
  if (layout.kind === "affine") return layout.zero === (hasMinimum ? "minimum" : "midpoint") ? undefined : described;
  const table = readScales((arrays as { table: Uint8Array }).table, "F32");
  return levels!.every((level, i) => level === table[i]) ? undefined : `its table "${layout.codebook}" is another`;
}
