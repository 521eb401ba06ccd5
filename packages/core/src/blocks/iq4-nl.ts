import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";
import type { EncodableBlockType } from "./block-type.js";
import { f16Bits, gatherF16, storeF16 } from "./f16-bits.js";
import { IQ4_LEVELS, nearestLevel, searchLevels } from "./iq4-table.js";
import { halvesToNeighbours, packHalves } from "./nibble-halves.js";
import { packIq4Levels } from "./pack-iq4-levels.js";
import { tableBytes } from "./super-block-type.js";

const { fround } = Math;
const WEIGHTS = 32;
const BYTES = 18;

function layout(rows: number, columns: number): CodebookLayout {
  return {
    kind: "codebook",
    rows,
    columns,
    bits: 4,
    granularity: "group",
    groupSize: WEIGHTS,
    codebook: "iq4",
    scaleDtype: "F16",
  };
}

/** d (f16), 16 bytes of codes in halves: w = d · level. */
export const IQ4_NL: EncodableBlockType = {
  name: "IQ4_NL",
  id: 20,
  weights: WEIGHTS,
  bytes: BYTES,
  layout,
  unpack(blocks, rows, columns) {
    const count = (rows * columns) / WEIGHTS;
    const scale = new Uint8Array(2 * count);
    const codes = new Uint8Array(16 * count);
    gatherF16(blocks, BYTES, 0, scale);
    for (let b = 0; b < count; b++) halvesToNeighbours(blocks, b * BYTES + 2, 16, codes, 16 * b);
    const term: Term<CodebookLayout> = {
      layout: layout(rows, columns),
      arrays: { codes, scale, table: tableBytes(IQ4_LEVELS) },
    };
    return term;
  },
  pack: packIq4Levels,
  encode(values, blocks) {
    const codes = new Uint8Array(WEIGHTS);
    for (let from = 0, at = 0; from < values.length; from += WEIGHTS, at += BYTES) {
      const block = values.subarray(from, from + WEIGHTS);
      const scale = searchLevels(block);
      // The codes follow the scale before it is rounded to f16.
      const inverse = scale !== 0 ? fround(1 / scale) : 0;
      block.forEach((value, i) => {
        codes[i] = nearestLevel(fround(inverse * value));
      });
      storeF16(blocks, at, f16Bits(scale));
      packHalves(codes, 0, 16, blocks, at + 2);
    }
  },
};
