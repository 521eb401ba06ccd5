import type { Term } from "../terms/term.js";
import { termRows } from "../terms/term-arrays.js";
import type { TermSource } from "./term-rows.js";

/** Terms in memory as a source; `asked` gets every block of rows that is read. */
export function termSource(terms: readonly Term[], asked: [number, number][] = []): TermSource {
  return {
    name: "w",
    terms: terms.map(({ layout }) => layout),
    reader: {
      async rows(begin, end) {
        asked.push([begin, end]);
        return terms.map((term) => termRows(term, begin, end));
      },
    },
  };
}
