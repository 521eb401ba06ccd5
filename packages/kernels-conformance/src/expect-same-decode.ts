import type { DecodeOps, KernelBackend } from "@lowbit/core/backend";
import type { Term, TermLayout } from "@lowbit/core/terms";
import { expectSameFloats } from "./expectations.js";
import { RandomData, unaligned } from "./random-data.js";
import { randomTerm, unalignedTerm } from "./random-term.js";

/** Bytes of the decoded terms are equal, from aligned and unaligned arrays, added to what stood in the target. */
export function expectSameDecode<L extends TermLayout>(
  op: keyof DecodeOps,
  layouts: Iterable<L>,
  subject: KernelBackend,
  oracle: KernelBackend,
): void {
  const random = new RandomData(7);
  for (const layout of layouts) {
    const term = randomTerm(layout, random);
    const before = random.oddWeights(layout.rows * layout.columns);
    const wanted = before.slice();
    decode(oracle, op, term, wanted);
    for (const tried of [term, unalignedTerm(term)]) {
      const actual = unaligned(before, 4);
      decode(subject, op, tried, actual);
      try {
        expectSameFloats(actual, wanted);
      } catch (error) {
        throw new Error(`${JSON.stringify(layout)}: ${(error as Error).message}`, { cause: error });
      }
    }
  }
}

function decode<L extends TermLayout>(
  backend: KernelBackend,
  op: keyof DecodeOps,
  term: Term<L>,
  target: Float32Array,
): void {
  const run = backend[op] as unknown as (term: Term<L>, target: Float32Array) => void;
  run(term, target);
}
