import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readScales, SCALE_BYTES } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { termRows } from "../../terms/term-arrays.js";
import { checkFinite } from "../float-codebooks.js";
import type { ReadOptions } from "../logical-weight.js";
import { readAll } from "../read-bytes.js";
import type { ColumnGroups } from "./column-groups.js";
import type { GptqModule } from "./gptq-module.js";
import { isPlanar, unpackPlanarCodes } from "./planar-codes.js";
import { termZeros } from "./term-zeros.js";
import { transposeWords } from "./words.js";
import type { ZeroVersion } from "./zero-version.js";

/** What the tensors of a layer leave open. */
export interface GptqReading {
  readonly module: GptqModule;
  readonly groups: ColumnGroups;
  readonly version: ZeroVersion;
  /** `checkpoint_format` of the config. */
  readonly format: unknown;
  /** Zeros of version 1 were made by subtracting one from every field of a word at once (GPTQModel). */
  readonly borrows: boolean;
}

/**
 * The term of a layer. The file has its rows in columns, so the whole layer is read.
 * @throws `layouts/mixed-versions` when the zeros are of the other version; `layouts/wrong-value` for a scale of NaN
 */
export async function readGptqTerm(
  checkpoint: Checkpoint,
  layout: AffineLayout,
  reading: GptqReading,
  options?: ReadOptions,
): Promise<Term> {
  const { module } = reading;
  const scales = await readAll(checkpoint, module.scales, options);
  checkFinite("gptq", module.scales.name, readScales(scales, layout.scaleDtype));
  const zeroPoint = termZeros(layout, reading, await readAll(checkpoint, module.qzeros, options));
  const codes = termCodes(layout, reading, await readAll(checkpoint, module.qweight, options));
  return { layout, arrays: { codes, scale: termScales(layout, reading, scales), zeroPoint } };
}

/** Rows of a term in memory, as copies. */
export function copiedRows(term: Term, begin: number, end: number): Term {
  const { layout, arrays } = termRows(term, begin, end);
  return {
    layout,
    arrays: Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()])),
  } as unknown as Term;
}

/**
 * Transposed words are packed rows: within a word and from word to word the lowest bits come first, as in terms; 3-bit
 * codes straddle words in both.
 */
function termCodes(layout: AffineLayout, { module, groups, format }: GptqReading, qweight: Uint8Array): Uint8Array {
  const { rows, columns, bits } = layout;
  const words = module.qweight.shape[0]!;
  const transposed = transposeWords(qweight, words, rows);
  const planar = isPlanar(bits, format);
  const rowBytes = packedByteLength(columns, bits);
  if (!planar && groups.order === undefined && rowBytes === 4 * words) return transposed;
  const target = new Uint8Array(rows * rowBytes);
  const [stored, sorted] = [new Uint8Array(columns), new Uint8Array(columns)];
  const { order } = groups;
  for (let row = 0; row < rows; row++) {
    const source = transposed.subarray(row * 4 * words, (row + 1) * 4 * words);
    if (planar) unpackPlanarCodes(source, bits, columns, stored);
    else unpackCodes(source, bits, columns, stored);
    if (order !== undefined) for (let c = 0; c < columns; c++) sorted[c] = stored[order[c]!]!;
    packCodes(order === undefined ? stored : sorted, bits, target.subarray(row * rowBytes, (row + 1) * rowBytes));
  }
  return target;
}

function termScales({ rows, scaleDtype }: AffineLayout, { groups }: GptqReading, scales: Uint8Array): Uint8Array {
  const { sourceOf } = groups;
  const size = SCALE_BYTES[scaleDtype];
  const target = new Uint8Array(rows * sourceOf.length * size);
  sourceOf.forEach((source, group) => {
    for (let row = 0; row < rows; row++) {
      const from = (source * rows + row) * size;
      for (let byte = 0; byte < size; byte++) {
        target[(row * sourceOf.length + group) * size + byte] = scales[from + byte]!;
      }
    }
  });
  return target;
}
