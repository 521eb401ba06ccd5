import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { packCodes } from "../bitpack/pack-codes.js";
import type { AffineLayout } from "../terms/affine.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { foldTransforms, type InputTransform } from "../terms/input-transform.js";
import { writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import { checkpointOf, sequence, weightValues } from "./checkpoint-of.fixture.js";
import type { LayoutWriter, PackedWeight, WholeWeight } from "./layout-writer.js";

const backend = createReferenceBackend();
export const ROWS: number = 32;
export const COLUMNS: number = 64;

export interface TermOptions extends Partial<AffineLayout> {
  /** Of every group; default: any. */
  readonly zeroPoint?: number;
}

export function affineTerm({ zeroPoint, ...fields }: TermOptions): Term {
  const layout: AffineLayout = {
    kind: "affine",
    rows: ROWS,
    columns: COLUMNS,
    bits: 4,
    granularity: "group",
    groupSize: 16,
    zero: "integer",
    scaleDtype: "F16",
    ...fields,
  };
  const { rows, columns, bits } = layout;
  const random = sequence(bits);
  const term = allocateTerm(layout);
  const groups = Math.ceil(columns / layout.groupSize);
  const pack = (target: Uint8Array, count: number, value: () => number) => {
    for (let row = 0; row < rows; row++) {
      const bytes = target.subarray((row * target.byteLength) / rows, ((row + 1) * target.byteLength) / rows);
      packCodes(Uint8Array.from({ length: count }, value), bits, bytes);
    }
  };
  pack(term.arrays.codes, columns, () => random(2 ** bits));
  if (layout.zero === "integer") {
    pack(term.arrays.zeroPoint!, groups, () => zeroPoint ?? 1 + random(2 ** bits - 1));
  }
  writeScales(
    Array.from({ length: rows * groups }, () => (1 + random(99)) / 128),
    layout.scaleDtype,
    term.arrays.scale,
  );
  return term as unknown as Term;
}

export function weightOf(term: Term, transforms: readonly InputTransform[] = [], name = "a.weight"): WholeWeight {
  const { rows, columns } = term.layout;
  return { name, shape: [rows, columns], dtype: "F16", terms: [term], transforms };
}

export function valuesOf({ terms, transforms, shape }: WholeWeight): number[] {
  const [rows, columns] = shape as [number, number];
  const values = new Float32Array(rows * columns);
  decodeTerms(terms, values, backend);
  foldTransforms(transforms, { values, rows, columns }, backend);
  return [...values].map((value) => value + 0);
}

export function packed(writer: LayoutWriter, weight: WholeWeight): PackedWeight {
  const answer = writer.pack(weight);
  if ("reason" in answer) throw new Error(answer.reason);
  return answer;
}

/** The values after writing and reading, with the config that the writer gives. */
export async function roundTrip(writer: LayoutWriter, weight: WholeWeight): Promise<number[]> {
  const answer = packed(writer, weight);
  const { quantizationConfig } = writer.config(new Map([[weight.name, answer]]), []);
  return weightValues(await checkpointOf(answer.tensors, { ...quantizationConfig }), weight.name);
}
