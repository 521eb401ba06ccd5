import type { KernelBackend, OpName } from "@lowbit/core/backend";
import { decodeFloatsCases } from "./decode-floats.cases.js";
import { encodeFloatsCases } from "./encode-floats.cases.js";

/** The cases of one op: `subject()` is the backend under test, once tests run; `oracle` the reference. */
export type OpCases = (subject: () => KernelBackend, oracle: KernelBackend) => void;

/** One line per op. */
export const ALL_CASES: { readonly [O in OpName]?: OpCases } = {
  decodeFloats: decodeFloatsCases,
  encodeFloats: encodeFloatsCases,
};
