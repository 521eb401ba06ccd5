import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { decodeTerms } from "../terms/decode-terms.js";
import type { Term } from "../terms/term.js";

const backend = createReferenceBackend();

/** The weights of terms, on the reference backend. */
export function decoded(...terms: Term[]): Float32Array {
  const { rows, columns } = terms[0]!.layout;
  const target = new Float32Array(rows * columns);
  decodeTerms(terms, target, backend);
  return target;
}
