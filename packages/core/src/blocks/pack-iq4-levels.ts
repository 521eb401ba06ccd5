import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { groupCount } from "../terms/granularity.js";
import { readScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { termKind } from "../terms/term-kinds.js";
import type { BlockRefusal, PackedBlocks } from "./block-type.js";
import { roundToF16, storeF16 } from "./f16-bits.js";
import { IQ4_LEVELS } from "./iq4-table.js";
import { packHalves } from "./nibble-halves.js";

const WEIGHTS = 32;
const BYTES = 18;

/** A codebook term whose table is the levels of IQ4_NL in any order; scales that f16 cannot hold are rounded. */
export function packIq4Levels(terms: readonly Term[]): PackedBlocks | BlockRefusal {
  const [only] = terms;
  if (only === undefined || terms.length > 1) return { reason: `a sum of ${terms.length} terms has no single table` };
  if (only.layout.kind !== "codebook") {
    return { reason: `${termKind(only.layout).describe(only.layout)} has no table of IQ4_NL` };
  }
  const { layout, arrays } = only as Term<CodebookLayout>;
  const { rows, columns, bits } = layout;
  const groupSize = Math.min(layout.groupSize, columns);
  const groups = groupCount(columns, groupSize);
  if (columns % WEIGHTS !== 0) return { reason: `its rows of ${columns} are no multiple of ${WEIGHTS}` };
  if (groups > 1 && groupSize % WEIGHTS !== 0) {
    return { reason: `its groups of ${groupSize} columns are no multiple of ${WEIGHTS}` };
  }
  const levels = Array.from(readScales(arrays.table, "F32"), (value) => IQ4_LEVELS.indexOf(value));
  if (levels.includes(-1)) return { reason: `its table ${layout.codebook} has other values than IQ4_NL` };
  const scales = roundToF16(readScales(arrays.scale, layout.scaleDtype));
  if (scales.beyond !== undefined) return { reason: `its scale ${scales.beyond} is beyond the range of F16` };
  const blocks = new Uint8Array((rows * columns * BYTES) / WEIGHTS);
  const codes = new Uint8Array(columns);
  const rowBytes = packedByteLength(columns, bits);
  for (let row = 0, to = 0; row < rows; row++) {
    unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes);
    for (let i = 0; i < columns; i++) codes[i] = levels[codes[i]!]!;
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let from = 0; from < columns; from += WEIGHTS, to += BYTES) {
      storeF16(blocks, to, scales.bits[scaleRow + Math.floor(from / groupSize)]!);
      packHalves(codes, from, 16, blocks, to + 2);
    }
  }
  return { blocks, ...(scales.isRounded && { rounded: `${layout.scaleDtype} scales to F16` }) };
}
