import { createReferenceBackend } from "@lowbit/core/backend";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import type { LinearLayer, NormLayer, WeightMatrix } from "../model/layers.js";
import {
  type DifferentiableCase,
  differenceGradients,
  relativeError,
  someValues,
  tapeGradients,
} from "./gradient-check.fixture.js";
import { RecordingOps } from "./recording-ops.js";

const reference = createReferenceBackend();
const STEP = 2 ** -7;

const input = (rows: number, columns: number, seed: number) => ({
  values: someValues(rows * columns, seed),
  rows,
  columns,
});

function matrix(name: string, rows: number, columns: number, seed: number): [WeightMatrix, Float32Array] {
  const values = someValues(rows * columns, seed);
  const layout = { kind: "dense", rows, columns, valueDtype: "F32" } as const;
  const terms = [{ layout, arrays: { values: new Uint8Array(values.buffer) } }];
  return [{ name, rows, columns, terms, inputTransforms: [] }, values];
}

function linearCase(isTransposed: boolean): DifferentiableCase {
  const [rows, columns] = isTransposed ? [7, 5] : [5, 7];
  const [stored, weight] = matrix("weight", rows, columns, 11);
  const bias = someValues(5, 12);
  const layer: LinearLayer = {
    ...stored,
    outFeatures: 5,
    inFeatures: 7,
    isTransposed,
    roundsActivations: true,
    bias: { name: "bias", values: bias },
  };
  return {
    name: isTransposed ? "linear, transposed" : "linear",
    inputs: [input(3, 7, 13)],
    parameters: new Map([
      ["weight", weight],
      ["bias", bias],
    ]),
    run: (ops, [x]) => ops.linear(layer, x!),
  };
}

function normCase(kind: "rms" | "layer", hasBias: boolean, heads: number): DifferentiableCase {
  const size = 6;
  const weight = someValues(size, 21);
  const bias = someValues(size, 22);
  const layer: NormLayer = {
    kind,
    epsilon: 1e-5,
    weight: { name: "weight", values: weight },
    ...(hasBias && { bias: { name: "bias", values: bias } }),
  };
  return {
    name: `${kind} norm${hasBias ? " with bias" : ""}${heads > 1 ? " of heads" : ""}`,
    inputs: [input(4, size * heads, 23)],
    parameters: new Map([["weight", weight], ...(hasBias ? [["bias", bias] as const] : [])]),
    run: (ops, [x]) => ops.norm(layer, x!),
  };
}

function embedCase(): DifferentiableCase {
  const [tokens, tokenValues] = matrix("tokens", 5, 4, 31);
  const [positions, positionValues] = matrix("positions", 3, 4, 32);
  return {
    name: "embed, tokens that occur twice and never",
    inputs: [],
    parameters: new Map([
      ["tokens", tokenValues],
      ["positions", positionValues],
    ]),
    run: (ops) => ops.embed({ tokens, positions }, Uint32Array.of(1, 4, 1, 0), Uint32Array.of(0, 1, 0, 1)),
  };
}

function attentionCase(name: string, keyValueHeadCount: number, window: number): DifferentiableCase {
  const [headCount, headSize, sequences, length] = [4, 3, 2, 5];
  const rows = sequences * length;
  return {
    name: `attention, ${name}`,
    inputs: [
      input(rows, headCount * headSize, 41),
      input(rows, keyValueHeadCount * headSize, 42),
      input(rows, keyValueHeadCount * headSize, 43),
    ],
    parameters: new Map(),
    run: (ops, [q, k, v]) =>
      ops.attention(q!, k!, v!, { sequences, headCount, keyValueHeadCount, headSize, scale: 0.8, window }),
  };
}

function rotateCase(): DifferentiableCase {
  const [positions, half] = [4, 2];
  const angles = Float32Array.from({ length: positions * half }, (_, i) => Math.floor(i / half) * 0.3 ** (i % half));
  const tables = {
    cosines: angles.map((angle) => 1.2 * Math.cos(angle)),
    sines: angles.map((angle) => 1.2 * Math.sin(angle)),
    positions,
    headSize: 6,
    rotarySize: 4,
  };
  return {
    name: "rotate, part of a head, with an attention factor",
    inputs: [input(4, 12, 51)],
    parameters: new Map(),
    run: (ops, [x]) => ops.rotate(x!, tables, Uint32Array.of(0, 1, 2, 3)),
  };
}

function splitCase(heads: number): DifferentiableCase {
  return {
    name: `splitColumns, ${heads === 1 ? "by part" : "by head"}`,
    inputs: [input(3, 12, 61)],
    parameters: new Map(),
    run(ops, [x]) {
      const [a, b, c] = ops.splitColumns(x!, heads === 1 ? [4, 4, 4] : [2, 2, 2], heads);
      return ops.add(ops.gatedActivation("silu", a!, b!), c!);
    },
  };
}

/** Away from 0, where the derivative of relu jumps. */
const awayFromZero = (values: Float32Array) => values.map((value) => value + Math.sign(value) * 0.1);

const KINDS = ["silu", "gelu", "gelu-tanh", "relu", "relu2"] as const;

const cases: readonly DifferentiableCase[] = [
  linearCase(false),
  linearCase(true),
  normCase("rms", false, 1),
  normCase("rms", false, 3),
  normCase("layer", true, 1),
  normCase("layer", false, 1),
  embedCase(),
  attentionCase("grouped queries", 2, 0),
  attentionCase("one key head a query head, window of 2", 4, 2),
  rotateCase(),
  splitCase(1),
  splitCase(2),
  ...KINDS.map(
    (kind): DifferentiableCase => ({
      name: `activation ${kind}`,
      inputs: [{ ...input(3, 8, 71), values: awayFromZero(someValues(24, 71, 2)) }],
      parameters: new Map(),
      run: (ops, [x]) => ops.activation(kind, x!),
    }),
  ),
  ...KINDS.map(
    (kind): DifferentiableCase => ({
      name: `gatedActivation ${kind}`,
      inputs: [{ ...input(3, 8, 72), values: awayFromZero(someValues(24, 72, 2)) }, input(3, 8, 73)],
      parameters: new Map(),
      run: (ops, [gate, up]) => ops.gatedActivation(kind, gate!, up!),
    }),
  ),
  {
    name: "add, the same tensor used three times",
    inputs: [input(2, 5, 81), input(2, 5, 82)],
    parameters: new Map(),
    run: (ops, [a, b]) => ops.add(ops.add(a!, b!), ops.add(ops.activation("silu", a!), a!)),
  },
];

describe("RecordingOps", () => {
  it.each(cases)("$name: gradients are those of central differences", (example) => {
    const expected = differenceGradients(example, reference, STEP);
    const found = tapeGradients(example, reference);
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, gradient] of expected) {
      expect(relativeError(found.get(name)!, gradient), name).toBeLessThan(1e-3);
    }
  });

  it("refuses a cache", () => {
    const ops = new RecordingOps(reference);
    const tensor = ops.embed({ tokens: matrix("tokens", 2, 4, 1)[0] }, Uint32Array.of(0), Uint32Array.of(0));
    const cache = {
      append() {},
      read: () => ({ keys: tensor.values, values: tensor.values, keyLength: 1, keyStride: 1 }),
    };
    const context = { sequences: 1, headCount: 1, keyValueHeadCount: 1, headSize: 4, scale: 1, window: 0, cache };
    expect(() => ops.attention(tensor, tensor, tensor, context)).toThrow(
      expect.objectContaining({ code: "gradient/cache-while-recording" }),
    );
  });
});

describe.each(testBackends.filter(({ name }) => name !== "reference"))("RecordingOps on $name", ({ create }) => {
  let backend: Awaited<ReturnType<typeof create>>;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.close());

  it.each(cases)("$name: the gradients of the reference", (example) => {
    const expected = tapeGradients(example, reference);
    for (const [name, gradient] of tapeGradients(example, backend)) {
      expect(relativeError(gradient, expected.get(name)!), name).toBeLessThan(1e-5);
    }
  });
});
