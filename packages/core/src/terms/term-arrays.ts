import { DTYPES } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/lowbit-error.js";
import type { Term, TermArraySpec, TermArrays, TermLayout } from "./term.js";
import { termKind } from "./term-kinds.js";

/** Every array of a placed term starts at a multiple of this, so that kernels meet aligned vectors. */
const ALIGNMENT = 64;

/** Dtype and shape of every array of a term, in file order. They follow from the layout alone. */
export function termArrays(layout: TermLayout): readonly TermArraySpec[] {
  return termKind(layout).arrays(layout);
}

export function arrayByteLength(spec: TermArraySpec): number {
  return spec.shape.reduce((product, size) => product * size, DTYPES[spec.dtype].bits / 8);
}

/** Bytes that a term takes in a file: the sum of its arrays, without any padding. */
export function termByteLength(layout: TermLayout): number {
  return termArrays(layout).reduce((sum, spec) => sum + arrayByteLength(spec), 0);
}

/** Bytes that `placeTerm` needs: every array begins at a multiple of 64. */
export function placedByteLength(layout: TermLayout): number {
  return termArrays(layout).reduce((sum, spec) => sum + aligned(arrayByteLength(spec)), 0);
}

function aligned(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

/** A term of zeros in memory of its own. */
export function allocateTerm<L extends TermLayout>(layout: L): Term<L> {
  return placeTerm(layout, new Uint8Array(placedByteLength(layout)));
}

/** A term whose arrays lie in `memory` (for example of a backend) one after another; contents are left as they are. */
export function placeTerm<L extends TermLayout>(layout: L, memory: Uint8Array): Term<L> {
  const arrays: Record<string, Uint8Array> = {};
  let offset = 0;
  for (const spec of termArrays(layout)) {
    const byteLength = arrayByteLength(spec);
    arrays[spec.name] = memory.subarray(offset, offset + byteLength);
    offset += aligned(byteLength);
  }
  return { layout, arrays: arrays as unknown as TermArrays<L> };
}

/** The array of a spec; its bytes as they stand in the file. */
export function termArray(term: Term, name: string): Uint8Array {
  const array = (term.arrays as unknown as Readonly<Record<string, Uint8Array | undefined>>)[name];
  if (array === undefined) {
    throw new LowbitError("terms/missing-array", `The ${term.layout.kind} term lacks its array "${name}".`, {
      kind: term.layout.kind,
      array: name,
    });
  }
  return array;
}

/**
 * The layout of a term with another number of rows.
 * @throws `terms/rows-unknown` for sparse and masked terms: how many weights they keep in these rows depends on the data.
 */
export function layoutRows<L extends TermLayout>(layout: L, rows: number): L {
  if ((layout.kind === "sparse" || layout.kind === "masked") && rows !== layout.rows) {
    throw new LowbitError(
      "terms/rows-unknown",
      `The layout of a ${layout.kind} term of ${layout.rows} rows does not tell how many weights ${rows} of them keep.`,
      { kind: layout.kind, rows: layout.rows, asked: rows },
    );
  }
  return { ...layout, rows };
}

/**
 * The same term restricted to rows `begin` … `end − 1`. Arrays are views: what is written there is written into `term`
 * (but for arrays that kinds with `rows` copy: row starts, codes that no row begins at a byte of, grids of part of a block); arrays shared by all rows are the same arrays.
 */
export function termRows<L extends TermLayout>(term: Term<L>, begin: number, end: number): Term<L> {
  const { layout } = term;
  if (!(Number.isInteger(begin) && Number.isInteger(end) && begin >= 0 && begin <= end && end <= layout.rows)) {
    throw new LowbitError(
      "terms/rows-outside",
      `Rows ${begin} to ${end} were asked of a term of ${layout.rows} rows.`,
      {
        begin,
        end,
        rows: layout.rows,
      },
    );
  }
  const { rows } = termKind(layout);
  if (rows) return rows(term as unknown as Term, begin, end) as unknown as Term<L>;
  const arrays: Record<string, Uint8Array> = {};
  for (const spec of termArrays(layout)) {
    const array = termArray(term as unknown as Term, spec.name);
    const rowBytes = spec.perRow ? array.byteLength / layout.rows : 0;
    arrays[spec.name] = spec.perRow && layout.rows > 0 ? array.subarray(begin * rowBytes, end * rowBytes) : array;
  }
  return { layout: { ...layout, rows: end - begin }, arrays: arrays as unknown as TermArrays<L> };
}
