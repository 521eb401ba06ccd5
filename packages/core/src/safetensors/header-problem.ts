import { type ErrorCode, type ErrorFacts, LowbitError } from "../errors/index.js";

/** One thing that is wrong with a header: what the reader throws, without being thrown. */
export interface HeaderProblem {
  readonly code: ErrorCode;
  readonly message: string;
  /** `byteOffset` is where in the file it can be seen: the text that states it; absent where there is no such place. */
  readonly facts: ErrorFacts;
}

/** Receives problems as they are found: the reader throws the first, `validateHeader` keeps all. */
export type ProblemReport = (code: ErrorCode, message: string, facts: ErrorFacts) => void;

/** The report of a reader: stops at the first problem. */
export function throwProblem(code: ErrorCode, message: string, facts: ErrorFacts): never {
  throw new LowbitError(code, message, facts);
}

/** A tensor name as shown in messages: quoted, control characters escaped, long ones cut. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 117)}...` : name);
}

/** Dtype and shape as shown in messages: F32[2, 3]; of a long shape the first axes. */
export function showShape(dtype: string, shape: readonly number[]): string {
  return `${dtype}[${shape.slice(0, 16).join(", ")}${shape.length > 16 ? ", ..." : ""}]`;
}
