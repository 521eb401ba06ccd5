import { openWeight, type PlainWeight } from "@lowbit/core/layouts";
import { placedByteLength, placeTerm, type Term, type TernaryLayout, termRows } from "@lowbit/core/terms";
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
  const layout: TernaryLayout = {
    kind: "ternary",
    rows,
    columns,
    granularity: "tensor",
    groupSize: columns,
    packing: "two-bit",
    scaleDtype: "F32",
  };
  const span = memory.reserve(placedByteLength(layout));
  const term = {
    layout,
    get arrays() {
      return placeTerm(layout, span.bytes()).arrays;
    },
  };
  return { term, fill: () => ternarize(weight, term, reader) };
}

async function ternarize(
  weight: PlainWeight,
  term: Term<TernaryLayout>,
  { checkpoint, backend }: PlainReader,
): Promise<void> {
  const { rows, columns } = term.layout;
  const weightRows = await openWeight(checkpoint, weight, backend);
  const step = Math.min(rows, Math.max(1, Math.floor(READ_BYTES / 4 / columns)));
  const staging = new Float32Array(step * columns);
  const eachRows = (visit: (values: Float32Array, begin: number) => void) =>
    eachSpan(rows, step, async (begin, end) => {
      const values = staging.subarray(0, (end - begin) * columns);
      await weightRows.read(begin, end, values);
      visit(values, begin);
    });

  let sum = 0;
  await eachRows((values) => {
    refuseNotFinite(weight.name, countNotFinite("F32", new Uint8Array(values.buffer, 0, values.byteLength)));
    for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]!);
  });
  asFloats(term.arrays.scale).set([Math.max(sum / (rows * columns), LEAST_MEAN)]);
  await eachRows((values, begin) => {
    const count = values.length / columns;
    backend.ternaryEncode({ values, rows: count, columns }, termRows(term, begin, begin + count));
  });
}
