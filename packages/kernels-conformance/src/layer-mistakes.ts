import type { KernelBackend, OpName } from "@lowbit/core/backend";
import { COLUMNS, f32, mistake, type OperandMistake, ROWS, rightBlock, wrongBlocks } from "./operand-mistakes.js";

const SIZE = ROWS * COLUMNS;

/** Each of the arrays a float too short and a float too long. */
function wrongLengths<Name extends string>(
  lengths: Readonly<Record<Name, number>>,
  call: (backend: KernelBackend, arrays: Readonly<Record<Name, Float32Array>>) => unknown,
): OperandMistake[] {
  const right = Object.entries<number>(lengths).map(([name, length]) => [name, f32(length)] as const);
  return right.flatMap(([name, { length }]) =>
    [length - 1, length + 1].map((wrong) =>
      mistake("backend/operand-size", `${wrong} of ${name}`, (backend) =>
        call(backend, { ...Object.fromEntries(right), [name]: f32(wrong) } as Record<Name, Float32Array>),
      ),
    ),
  );
}

const TABLES = { cosines: f32(10), sines: f32(10), positions: 5, headSize: 8, rotarySize: 4 };
const rotary = (what: string, tables: Partial<typeof TABLES>, positions: readonly number[] = [0, 1, 4]) =>
  mistake("backend/operand-size", what, (b) =>
    b.rotaryEmbedding(rightBlock(), { ...TABLES, ...tables }, Uint32Array.from(positions), false),
  );
const gather = (what: string, tableBytes: number, rows: readonly number[]) =>
  mistake("backend/operand-size", what, (b) =>
    b.gatherRows("F16", new Uint8Array(tableBytes), Uint32Array.from(rows), rightBlock()),
  );
const scatter = (what: string, tableFloats: number, rows: readonly number[]) =>
  mistake("backend/operand-size", what, (b) => b.scatterRows(Uint32Array.from(rows), rightBlock(), f32(tableFloats)));

const ROW_LENGTHS = { dy: SIZE, dx: SIZE, weight: COLUMNS, dWeight: COLUMNS } as const;

/** Layer ops without those that mix tokens, and their gradients. */
export const LAYER_MISTAKES = {
  rmsNorm: [
    ...wrongBlocks((b, x) => b.rmsNorm(x, f32(COLUMNS), 0, f32(SIZE))),
    ...wrongLengths({ weight: COLUMNS, y: SIZE }, (b, { weight, y }) => b.rmsNorm(rightBlock(), weight, 0, y)),
  ],
  layerNorm: [
    ...wrongBlocks((b, x) => b.layerNorm(x, f32(COLUMNS), null, 0, f32(SIZE))),
    ...wrongLengths({ weight: COLUMNS, bias: COLUMNS, y: SIZE }, (b, { weight, bias, y }) =>
      b.layerNorm(rightBlock(), weight, bias, 0, y),
    ),
  ],
  rotaryEmbedding: [
    ...wrongBlocks((b, x) => b.rotaryEmbedding(x, TABLES, Uint32Array.of(0, 1, 2), false)),
    rotary("heads of a size that does not divide the columns", { headSize: 7 }),
    rotary("heads without features", { headSize: 0, rotarySize: 0, cosines: f32(0), sines: f32(0) }),
    rotary("an odd number of rotating features", { rotarySize: 5 }),
    rotary("more rotating features than a head has", { rotarySize: 10, cosines: f32(25), sines: f32(25) }),
    rotary("a cosine too few", { cosines: f32(9) }),
    rotary("a sine too few", { sines: f32(9) }),
    rotary("fewer positions than tokens", {}, [0, 1]),
    rotary("a position beyond the tables", {}, [0, 5, 1]),
  ],
  activation: wrongLengths({ x: 5, y: 5 }, (b, { x, y }) => b.activation("silu", x, y)),
  gatedActivation: wrongLengths({ gate: 5, up: 5, y: 5 }, (b, { gate, up, y }) =>
    b.gatedActivation("silu", gate, up, y),
  ),
  addTo: wrongLengths({ x: 5, y: 5 }, (b, { x, y }) => b.addTo(x, y)),
  addBias: [
    ...wrongBlocks((b, y) => b.addBias(f32(COLUMNS), y)),
    ...wrongLengths({ bias: COLUMNS }, (b, { bias }) => b.addBias(bias, rightBlock())),
  ],
  gatherRows: [
    ...wrongBlocks((b, target) => b.gatherRows("F16", new Uint8Array(10 * COLUMNS * 2), new Uint32Array(ROWS), target)),
    gather("a row beyond the table", 4 * COLUMNS * 2, [0, 4, 3]),
    gather("fewer rows than the target has", 4 * COLUMNS * 2, [0, 1]),
    gather("a table of half a row too many", 4 * COLUMNS * 2 + COLUMNS, [0, 1, 2]),
    gather("an empty table", 0, [0, 0, 0]),
  ],
  rmsNormGradient: [
    ...wrongBlocks((b, x) => b.rmsNormGradient(x, f32(COLUMNS), 0, f32(SIZE), f32(SIZE), f32(COLUMNS))),
    ...wrongLengths(ROW_LENGTHS, (b, { dy, dx, weight, dWeight }) =>
      b.rmsNormGradient(rightBlock(), weight, 0, dy, dx, dWeight),
    ),
  ],
  layerNormGradient: [
    ...wrongBlocks((b, x) => b.layerNormGradient(x, f32(COLUMNS), 0, f32(SIZE), f32(SIZE), f32(COLUMNS), null)),
    ...wrongLengths({ ...ROW_LENGTHS, dBias: COLUMNS }, (b, { dy, dx, weight, dWeight, dBias }) =>
      b.layerNormGradient(rightBlock(), weight, 0, dy, dx, dWeight, dBias),
    ),
  ],
  activationGradient: wrongLengths({ x: 5, dy: 5, dx: 5 }, (b, { x, dy, dx }) =>
    b.activationGradient("silu", x, dy, dx),
  ),
  gatedActivationGradient: wrongLengths({ gate: 5, up: 5, dy: 5, dGate: 5, dUp: 5 }, (b, a) =>
    b.gatedActivationGradient("silu", a.gate, a.up, a.dy, a.dGate, a.dUp),
  ),
  scatterRows: [
    ...wrongBlocks((b, dy) => b.scatterRows(new Uint32Array(ROWS), dy, f32(SIZE))),
    scatter("a row beyond the table", 4 * COLUMNS, [0, 4, 3]),
    scatter("fewer rows than gradients", 4 * COLUMNS, [0, 1]),
    scatter("a table of half a row too many", 4 * COLUMNS + 20, [0, 1, 2]),
  ],
  addColumnSums: [
    ...wrongBlocks((b, x) => b.addColumnSums(x, f32(COLUMNS))),
    ...wrongLengths({ sums: COLUMNS }, (b, { sums }) => b.addColumnSums(rightBlock(), sums)),
  ],
} satisfies Partial<Readonly<Record<OpName, readonly OperandMistake[]>>>;
