import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { groupCount } from "../terms/granularity.js";
import { readScales } from "../terms/scale-array.js";
import type { Granularity, ScaleDtype, Term } from "../terms/term.js";
import type { LayoutRefusal } from "./layout-writer.js";

/** A codebook term as layouts of other tools store one: w = f32(scale · table[code]), to the bit. */
export interface CodebookGrid {
  readonly rows: number;
  readonly columns: number;
  readonly granularity: Granularity;
  /** Consecutive columns that share a scale. */
  readonly groupSize: number;
  /** [rows, columns], one a byte: indices into the table that was asked for. */
  readonly codes: Uint8Array;
  /** [R, G], R = 1 where the tensor shares one. */
  readonly scale: Float32Array;
  /** What the scales of the term are stored in; F32 where the tables differ by a factor. */
  readonly scaleDtype: ScaleDtype;
}

/**
 * The codes of the terms of a weight in a table of the same size, when they are one codebook term of these values, in any
 * order, and of a power of 2 times these values. Transforms are not looked at.
 */
export function codebookGrid(
  terms: readonly Term[],
  table: ArrayLike<number>,
  tableName: string,
): CodebookGrid | LayoutRefusal {
  const [term] = terms;
  if (terms.length !== 1 || term === undefined) return { reason: `${terms.length} terms, where it stores one` };
  if (term.layout.kind !== "codebook")
    return { reason: `a ${term.layout.kind} term, where it stores codes of ${tableName}` };
  const { layout, arrays } = term as Term<CodebookLayout>;
  const { rows, columns, bits, granularity, scaleDtype } = layout;
  const match = matchTables(readScales(arrays.table, "F32"), table);
  if (match === undefined)
    return { reason: `codes of the table ${layout.codebook}, where it stores those of ${tableName}` };
  const rowBytes = packedByteLength(columns, bits);
  const codes = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    unpackCodes(
      arrays.codes.subarray(row * rowBytes),
      bits,
      columns,
      codes.subarray(row * columns, (row + 1) * columns),
    );
  }
  for (let i = 0; i < codes.length; i++) codes[i] = match.codes[codes[i]!]!;
  const scale = readScales(arrays.scale, scaleDtype).map((value) => value * match.factor);
  if (!scale.every(Number.isFinite)) return { reason: "a scale that is not finite" };
  return {
    rows,
    columns,
    granularity,
    groupSize: Math.min(layout.groupSize, columns),
    codes,
    scale,
    scaleDtype: match.factor === 1 ? scaleDtype : "F32",
  };
}

/**
 * For every code of `own` the code of the same value in `wanted`, after a factor of a power of 2: the same code where it
 * has this value. NaN in `wanted` is no value of its own.
 */
function matchTables(
  own: Float32Array,
  wanted: ArrayLike<number>,
): { readonly factor: number; readonly codes: readonly number[] } | undefined {
  const factor = largest(own) / largest(wanted);
  if (!(factor > 0) || Math.log2(factor) % 1 !== 0) return undefined;
  const codeOf = new Map(Array.from(wanted, (value, code) => [value + 0, code] as const).reverse());
  const codes: number[] = [];
  for (const [code, value] of own.entries()) {
    const found = value / factor === wanted[code] ? code : codeOf.get(value / factor + 0);
    if (found === undefined) return undefined;
    codes.push(found);
  }
  return { factor, codes };
}

function largest(table: ArrayLike<number>): number {
  return Array.from(table).reduce((most, value) => Math.max(most, Number.isNaN(value) ? 0 : Math.abs(value)), 0);
}

/** Scales [rows, G], those of the tensor repeated. */
export function rowScales({ rows, columns, granularity, groupSize, scale }: CodebookGrid): Float32Array {
  if (granularity !== "tensor") return scale;
  return new Float32Array(rows * groupCount(columns, groupSize)).fill(scale[0]!);
}
