import { expect } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import { checkpointOf, sequence, weightValues } from "./checkpoint-of.fixture.js";
import type { LayoutWriter, PackedWeight, WholeWeight } from "./layout-writer.js";

const backend = createReferenceBackend();

/** Values around 0 of rows that differ in size, a row of zeros among them. */
export function randomBlock(rows: number, columns: number, seed = 1): RowBlock {
  const random = sequence(seed);
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    return row === 1 ? 0 : ((random(2001) - 1000) / 1000) * (1 + (row % 5));
  });
  return { values, rows, columns };
}

/** A codebook term of random codes. */
export function codebookTerm(layout: CodebookLayout, table: ArrayLike<number>, scales: (i: number) => number): Term {
  const term = allocateTerm(layout);
  const random = sequence(layout.bits);
  for (let i = 0; i < term.arrays.codes.length; i++) term.arrays.codes[i] = random(120);
  writeScales(table, "F32", term.arrays.table);
  const count = term.arrays.scale.length / (layout.scaleDtype === "F32" ? 4 : 2);
  writeScales(
    Array.from({ length: count }, (_, i) => scales(i)),
    layout.scaleDtype,
    term.arrays.scale,
  );
  return term as unknown as Term;
}

export const WEIGHT_NAME = "model.layers.0.mlp.up_proj.weight";

export function weightOfTerms(terms: readonly Term[], name: string = WEIGHT_NAME): WholeWeight {
  const { rows, columns } = terms[0]!.layout;
  return { name, shape: [rows, columns], dtype: "BF16", terms, transforms: [] };
}

export function packedAs(writer: LayoutWriter, weight: WholeWeight, type?: string): PackedWeight {
  const answer = writer.pack(weight, type);
  if ("reason" in answer) throw new Error(answer.reason);
  return answer;
}

/** The values of a packed weight as the reader of the layout has them. */
export async function readBack(writer: LayoutWriter, name: string, packed: PackedWeight): Promise<number[]> {
  const { quantizationConfig } = writer.config(new Map([[name, packed]]), []);
  return weightValues(await checkpointOf(packed.tensors, { ...quantizationConfig }), name);
}

/** A block rounded to a type of the writer, written, and read again: the values of the file are those of the terms. */
export async function roundedAndRead(
  writer: LayoutWriter,
  block: RowBlock,
  type: string,
): Promise<{ readonly packed: PackedWeight; readonly error: number }> {
  const terms = writer.requantize(block, type, backend);
  const packed = packedAs(writer, weightOfTerms(terms), type);
  const values = await readBack(writer, WEIGHT_NAME, packed);
  expect(values).toEqual(decoded(terms));
  return { packed, error: relativeError(block.values, values) };
}

export function decoded(terms: readonly Term[]): number[] {
  const { rows, columns } = terms[0]!.layout;
  const values = new Float32Array(rows * columns);
  decodeTerms(terms, values, backend);
  return [...values];
}

/** Σ (w − ŵ)² / Σ w². */
export function relativeError(values: ArrayLike<number>, other: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    difference += (values[i]! - other[i]!) ** 2;
    size += values[i]! ** 2;
  }
  return difference / size;
}
