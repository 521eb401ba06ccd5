import type { Activations, Int8Activations, KernelBackend } from "@lowbit/core/backend";
import type { ErrorCode } from "@lowbit/core/errors";
import { allocateTerm, arrayByteLength, type Term, type TermLayout, termArray, termArrays } from "@lowbit/core/terms";

/** A call with an array that does not have the size that the op needs, and the code that it must be refused with. */
export interface OperandMistake {
  readonly what: string;
  readonly code: ErrorCode;
  readonly call: (backend: KernelBackend) => unknown;
}

/** The size of every block and term of these calls. */
export const ROWS = 3;
export const COLUMNS = 40;
const TOKENS = 2;

type RowBlock = Parameters<KernelBackend["signFit"]>[0];

export function rightBlock(): RowBlock {
  return { rows: ROWS, columns: COLUMNS, values: f32(ROWS * COLUMNS) };
}

export function mistake(code: ErrorCode, what: string, call: OperandMistake["call"]): OperandMistake {
  return { what, code, call };
}

/** Blocks that hold other than rows × columns floats. */
export function wrongBlocks(call: (backend: KernelBackend, block: RowBlock) => unknown): OperandMistake[] {
  const values = [ROWS * COLUMNS - 1, ROWS * COLUMNS + 1, 0];
  return values.map((length) =>
    mistake("backend/block-size", `a block of ${length} floats`, (backend) =>
      call(backend, { rows: ROWS, columns: COLUMNS, values: f32(length) }),
    ),
  );
}

/** One of the results a place too short. */
export function shortFigures<T extends object>(
  target: T,
  call: (backend: KernelBackend, target: T) => unknown,
): OperandMistake[] {
  return (Object.entries(target) as [string, Float64Array][]).map(([name, figures]) =>
    mistake("backend/operand-size", `a place too few for ${name}`, (backend) =>
      call(backend, { ...target, [name]: figures.subarray(1) }),
    ),
  );
}

/** One of the arrays of the term (that has bytes at all) a byte too short. */
export function shortArrays<L extends TermLayout>(
  layout: L,
  call: (backend: KernelBackend, term: Term<L>) => unknown,
): OperandMistake[] {
  const stored = termArrays(layout).filter((spec) => arrayByteLength(spec) > 0);
  return stored.map(({ name }) =>
    mistake("terms/layout-mismatch", `a term whose ${name} lacks a byte`, (backend) => {
      const term = allocateTerm(layout);
      const short = termArray(term as unknown as Term, name).subarray(1);
      call(backend, { layout, arrays: { ...term.arrays, [name]: short } });
    }),
  );
}

/** Mistakes of a fit or encode: wrong blocks, blocks of another shape than the term, terms with short arrays. */
export function fitMistakes<L extends TermLayout>(
  layout: L,
  call: (backend: KernelBackend, block: RowBlock, term: Term<L>) => unknown,
): OperandMistake[] {
  const shapes = [
    [ROWS + 1, COLUMNS],
    [ROWS - 1, COLUMNS],
    [ROWS, COLUMNS + 1],
    [COLUMNS, ROWS],
  ] as const;
  return [
    ...wrongBlocks((backend, block) => call(backend, block, allocateTerm(layout))),
    ...shapes.map(([rows, columns]) =>
      mistake("backend/block-size", `a block of ${rows} × ${columns} for a term of ${ROWS} × ${COLUMNS}`, (backend) =>
        call(backend, { rows, columns, values: f32(rows * columns) }, allocateTerm(layout)),
      ),
    ),
    ...shortArrays(layout, (backend, term) => call(backend, rightBlock(), term)),
  ];
}

export function decodeMistakes<L extends TermLayout>(
  layout: L,
  call: (backend: KernelBackend, term: Term<L>, target: Float32Array) => unknown,
): OperandMistake[] {
  return [
    ...[ROWS * COLUMNS - 1, ROWS * COLUMNS + 1].map((length) =>
      mistake("terms/target-size", `a target of ${length} floats`, (backend) =>
        call(backend, allocateTerm(layout), f32(length)),
      ),
    ),
    ...shortArrays(layout, (backend, term) => call(backend, term, f32(ROWS * COLUMNS))),
  ];
}

export function multiplyMistakes<L extends TermLayout>(
  layout: L,
  call: (backend: KernelBackend, term: Term<L>, x: Activations, y: Float32Array) => unknown,
): OperandMistake[] {
  return productMistakes(layout, call, (columns, length) => floatActivations(TOKENS, columns, length));
}

export function multiplyInt8Mistakes<L extends TermLayout>(
  layout: L,
  call: (backend: KernelBackend, term: Term<L>, x: Int8Activations, y: Float32Array) => unknown,
): OperandMistake[] {
  return [
    ...productMistakes(layout, call, (columns, length) => int8Activations(TOKENS, columns, length)),
    mistake("backend/operand-size", "a scale too few", (backend) => {
      const x = int8Activations(TOKENS, COLUMNS, TOKENS * COLUMNS, TOKENS - 1);
      call(backend, allocateTerm(layout), x, f32(TOKENS * ROWS));
    }),
  ];
}

function productMistakes<L extends TermLayout, X>(
  layout: L,
  call: (backend: KernelBackend, term: Term<L>, x: X, y: Float32Array) => unknown,
  activations: (columns: number, length?: number) => X,
): OperandMistake[] {
  const wrong = (what: string, x: X, outputs = TOKENS * ROWS) =>
    mistake("backend/operand-size", what, (backend) => call(backend, allocateTerm(layout), x, f32(outputs)));
  return [
    wrong("activations of other columns", activations(COLUMNS + 1)),
    wrong("an activation too few", activations(COLUMNS, TOKENS * COLUMNS - 1)),
    wrong("an output too few", activations(COLUMNS), TOKENS * ROWS - 1),
    ...shortArrays(layout, (backend, term) => call(backend, term, activations(COLUMNS), f32(TOKENS * ROWS))),
  ];
}

export function floatActivations(tokens: number, columns: number, length: number = tokens * columns): Activations {
  return { values: f32(length), tokens, columns };
}

export function int8Activations(
  tokens: number,
  columns: number,
  length: number = tokens * columns,
  scales: number = tokens,
): Int8Activations {
  return { codes: new Int8Array(length), scale: f32(scales), tokens, columns };
}

export function f32(length: number): Float32Array {
  return new Float32Array(length);
}
