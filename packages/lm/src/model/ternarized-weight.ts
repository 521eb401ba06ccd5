import type { KernelBackend } from "@lowbit/core/backend";
import { openWeight, type PlainWeight, type WeightRows } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import {
  allocateTerm,
  placedByteLength,
  placeTerm,
  type Term,
  type TernaryLayout,
  termRows,
  writeScales,
} from "@lowbit/core/terms";
import { countNotFinite } from "./count-not-finite.js";
import type { PartMemory } from "./part-memory.js";
import { asFloats, type PlainReader, refuseNotFinite } from "./plain-weight.js";
import { eachSpan, READ_BYTES, type WeightFill } from "./weight-fill.js";

/** Means below this count as this (the rule of the models' own code). */
const LEAST_MEAN = 1e-5;

/**
 * A plain matrix that BitNet rounds when it runs: with m the mean of |w| over the whole tensor, digits
 * round(w / m) in {−1, 0, +1} and the scale m.
 */
export function ternarizedTerm(
  weight: PlainWeight,
  rows: number,
  columns: number,
  memory: PartMemory,
  reader: PlainReader,
): { readonly term: Term<TernaryLayout>; readonly fill: WeightFill } {
  const layout = ternaryLayout(rows, columns);
  const span = memory.reserve(placedByteLength(layout));
  const term = {
    layout,
    get arrays() {
      return placeTerm(layout, span.bytes()).arrays;
    },
  };
  return { term, fill: () => ternarize(weight, term, reader) };
}

function ternaryLayout(rows: number, columns: number): TernaryLayout {
  return {
    kind: "ternary",
    rows,
    columns,
    granularity: "tensor",
    groupSize: columns,
    packing: "two-bit",
    scaleDtype: "F32",
  };
}

async function ternarize(
  weight: PlainWeight,
  term: Term<TernaryLayout>,
  { checkpoint, backend }: PlainReader,
): Promise<void> {
  const { columns } = term.layout;
  const weightRows = await openWeight(checkpoint, weight, backend);
  asFloats(term.arrays.scale).set([await tensorScale(weight.name, weightRows)]);
  await eachRows(weightRows, (values, begin) => {
    const count = values.length / columns;
    backend.ternaryEncode({ values, rows: count, columns }, termRows(term, begin, begin + count));
  });
}

/** The same terms by rows, for whatever writes them. */
export async function openTernarized(
  weight: PlainWeight,
  checkpoint: Checkpoint,
  backend: KernelBackend,
): Promise<(begin: number, end: number) => Promise<readonly Term<TernaryLayout>[]>> {
  const weightRows = await openWeight(checkpoint, weight, backend);
  const scale = await tensorScale(weight.name, weightRows);
  const { columns } = weightRows;
  return async (begin, end) => {
    const term = allocateTerm(ternaryLayout(end - begin, columns));
    writeScales(Float32Array.of(scale), "F32", term.arrays.scale);
    const values = new Float32Array((end - begin) * columns);
    await weightRows.read(begin, end, values);
    backend.ternaryEncode({ values, rows: end - begin, columns }, term);
    return [term];
  };
}

async function tensorScale(name: string, weightRows: WeightRows): Promise<number> {
  let sum = 0;
  await eachRows(weightRows, (values) => {
    refuseNotFinite(name, countNotFinite("F32", new Uint8Array(values.buffer, 0, values.byteLength)));
    for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]!);
  });
  return Math.max(sum / (weightRows.rows * weightRows.columns), LEAST_MEAN);
}

async function eachRows(
  { rows, columns, read }: WeightRows,
  visit: (values: Float32Array, begin: number) => void,
): Promise<void> {
  const step = Math.min(rows, Math.max(1, Math.floor(READ_BYTES / 4 / columns)));
  const staging = new Float32Array(step * columns);
  await eachSpan(rows, step, async (begin, end) => {
    const values = staging.subarray(0, (end - begin) * columns);
    await read(begin, end, values);
    visit(values, begin);
  });
}
