import type { AttentionShape, KernelBackend, OpName } from "@lowbit/core/backend";
import { attentionShape } from "./attention-data.js";
import { f32, mistake, type OperandMistake } from "./operand-mistakes.js";

const SHAPE = attentionShape({
  sequences: 2,
  queryLength: 3,
  keyLength: 5,
  keyStride: 6,
  headCount: 4,
  keyValueHeadCount: 2,
  headSize: 8,
});
const QUERIES = 2 * 3 * 4 * 8;
const KEYS = (6 + 5) * 2 * 8;

type Arrays = Readonly<Record<"q" | "keys" | "values" | "y" | "dq" | "dKeys" | "dValues", number>>;
const RIGHT: Arrays = { q: QUERIES, keys: KEYS, values: KEYS, y: QUERIES, dq: QUERIES, dKeys: KEYS, dValues: KEYS };

type Call = (backend: KernelBackend, arrays: Arrays, shape: AttentionShape) => void;

const attend: Call = (b, { q, keys, values, y }, shape) => b.attention(f32(q), f32(keys), f32(values), shape, f32(y));
const differentiate: Call = (b, { q, keys, values, y, dq, dKeys, dValues }, shape) =>
  b.attentionGradient(f32(q), f32(keys), f32(values), shape, f32(y), f32(dq), f32(dKeys), f32(dValues));

const WRONG_SHAPES: readonly Partial<AttentionShape>[] = [
  { sequences: -1 },
  { sequences: 1.5 },
  { queryLength: 6 },
  { queryLength: -1 },
  { keyLength: Number.NaN },
  { keyStride: 4 },
  { headCount: 0 },
  { headCount: 3 },
  { keyValueHeadCount: 3 },
  { keyValueHeadCount: 0 },
  { headSize: 0 },
  { headSize: 7.5 },
  { window: -1 },
  { window: 0.5 },
  { sequences: 3 },
  { headSize: 9 },
];

function attentionMistakes(call: Call, names: readonly (keyof Arrays)[]): OperandMistake[] {
  return [
    ...names.map((name) =>
      mistake("backend/operand-size", `a float too few for ${name}`, (backend) =>
        call(backend, { ...RIGHT, [name]: RIGHT[name] - 1 }, SHAPE),
      ),
    ),
    ...WRONG_SHAPES.map((part) =>
      mistake("backend/operand-size", `a shape with ${JSON.stringify(part)}`, (backend) =>
        call(backend, RIGHT, { ...SHAPE, ...part }),
      ),
    ),
  ];
}

const ROWS = 3;
const COLUMNS = 20;
const block = (rows = ROWS, columns = COLUMNS, floats = rows * columns) => ({ rows, columns, values: f32(floats) });

function targetMistakes(
  call: (backend: KernelBackend, logits: ReturnType<typeof block>, targets: Uint32Array) => void,
): OperandMistake[] {
  const wrong = (what: string, logits: ReturnType<typeof block>, targets: readonly number[]) =>
    mistake("backend/operand-size", what, (backend) => call(backend, logits, Uint32Array.from(targets)));
  return [
    wrong("a logit too few", block(ROWS, COLUMNS, ROWS * COLUMNS - 1), [0, 0, 0]),
    wrong("a target too few", block(), [0, 0]),
    wrong("a target too many", block(), [0, 0, 0, 0]),
    wrong("a target that is no column", block(), [0, COLUMNS, 0]),
    wrong("a target of rows without columns", block(ROWS, 0), [0, 0, 0]),
  ];
}

type Op = "attention" | "attentionGradient" | "crossEntropy" | "crossEntropyGradient" | "divergence" | "gramAccumulate";

/** Attention, losses and their gradients. */
export const ATTENTION_MISTAKES: Readonly<Record<Op & OpName, readonly OperandMistake[]>> = {
  attention: attentionMistakes(attend, ["q", "keys", "values", "y"]),
  attentionGradient: attentionMistakes(differentiate, ["q", "keys", "values", "y", "dq", "dKeys", "dValues"]),
  crossEntropy: [
    ...targetMistakes((b, logits, targets) => b.crossEntropy(logits, targets, new Float64Array(ROWS))),
    mistake("backend/operand-size", "a loss too few", (b) =>
      b.crossEntropy(block(), new Uint32Array(ROWS), new Float64Array(ROWS - 1)),
    ),
  ],
  crossEntropyGradient: [
    ...targetMistakes((b, logits, targets) =>
      b.crossEntropyGradient(logits, targets, 1, f32(logits.rows * logits.columns)),
    ),
    mistake("backend/operand-size", "a gradient too few", (b) =>
      b.crossEntropyGradient(block(), new Uint32Array(ROWS), 1, f32(ROWS * COLUMNS - 1)),
    ),
  ],
  divergence: (
    [
      ["a logit too few in p", block(ROWS, COLUMNS, 59), block(), 3, 3],
      ["a logit too few in q", block(), block(ROWS, COLUMNS, 59), 3, 3],
      ["other rows in q", block(), block(ROWS + 1), 3, 3],
      ["other columns in q", block(), block(ROWS, COLUMNS - 1), 3, 3],
      ["a divergence too few", block(), block(), 2, 3],
      ["a flag too few", block(), block(), 3, 2],
    ] as const
  ).map(([what, p, q, places, flags]) =>
    mistake("backend/operand-size", what, (b) =>
      b.divergence(p, q, { divergence: new Float64Array(places), sameTop: new Uint8Array(flags) }),
    ),
  ),
  gramAccumulate: [
    mistake("backend/operand-size", "an activation too few", (b) =>
      b.gramAccumulate(block(ROWS, COLUMNS, 59), new Float64Array(210)),
    ),
    mistake("backend/operand-size", "a square instead of a triangle", (b) => b.gramAccumulate(block(), f32(400))),
    mistake("backend/operand-size", "a triangle too small", (b) => b.gramAccumulate(block(), new Float64Array(209))),
  ],
};
