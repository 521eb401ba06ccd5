import { type ActivationKind, createReferenceBackend } from "@lowbit/core/backend";
import { describe, it } from "vitest";
import { expectGradients } from "./finite-differences.js";
import { RandomData } from "./random-data.js";

// The oracle itself: the gradients of the reference against differences of its ops.

const reference = createReferenceBackend();
const random = new RandomData(141);
const draw = (length: number) => random.weights(length, 1);
const zeros = (length: number) => new Float32Array(length);

const ROWS = 3;
const COLUMNS = 7;
const SIZE = ROWS * COLUMNS;
const EPSILON = 0.01;
const KINDS: readonly ActivationKind[] = ["silu", "gelu", "gelu-tanh", "relu", "relu2"];

const rowsOf = (values: Float32Array) => ({ values, rows: ROWS, columns: COLUMNS });

/** Away from the kink at 0, where a difference is no derivative, and from where no step leads across. */
const unkinked = () => draw(SIZE).map((v) => (Math.abs(v) < 0.1 ? v + 0.3 : v));

describe("gradients of the reference are those of finite differences", () => {
  it("rmsNorm", () => {
    expectGradients(
      { x: draw(SIZE), weight: draw(COLUMNS) },
      ({ x, weight }) => {
        const y = zeros(SIZE);
        reference.rmsNorm(rowsOf(x!), weight!, EPSILON, y);
        return y;
      },
      draw(SIZE),
      ({ x, weight }, dy) => {
        const gradients = { x: zeros(SIZE), weight: zeros(COLUMNS) };
        reference.rmsNormGradient(rowsOf(x!), weight!, EPSILON, dy, gradients.x, gradients.weight);
        return gradients;
      },
    );
  });

  it("layerNorm", () => {
    expectGradients(
      { x: draw(SIZE), weight: draw(COLUMNS), bias: draw(COLUMNS) },
      ({ x, weight, bias }) => {
        const y = zeros(SIZE);
        reference.layerNorm(rowsOf(x!), weight!, bias!, EPSILON, y);
        return y;
      },
      draw(SIZE),
      ({ x, weight }, dy) => {
        const gradients = { x: zeros(SIZE), weight: zeros(COLUMNS), bias: zeros(COLUMNS) };
        reference.layerNormGradient(rowsOf(x!), weight!, EPSILON, dy, gradients.x, gradients.weight, gradients.bias);
        return gradients;
      },
    );
  });

  it("rotaryEmbedding, whose inverse is its gradient", () => {
    const angles = draw(5 * 2);
    const tables = {
      cosines: angles.map(Math.cos),
      sines: angles.map(Math.sin),
      positions: 5,
      headSize: 5,
      rotarySize: 4,
    };
    const positions = Uint32Array.of(0, 4, 2);
    const turn = (values: Float32Array, inverse: boolean) => {
      const turned = values.slice();
      reference.rotaryEmbedding({ values: turned, rows: 3, columns: 10 }, tables, positions, inverse);
      return turned;
    };
    expectGradients(
      { x: draw(30) },
      ({ x }) => turn(x!, false),
      draw(30),
      (_, dy) => ({ x: turn(dy, true) }),
    );
  });

  it.each(KINDS)("activation %s", (kind) => {
    expectGradients(
      { x: unkinked() },
      ({ x }) => {
        const y = zeros(SIZE);
        reference.activation(kind, x!, y);
        return y;
      },
      draw(SIZE),
      ({ x }, dy) => {
        const dx = zeros(SIZE);
        reference.activationGradient(kind, x!, dy, dx);
        return { x: dx };
      },
    );
  });

  it.each(KINDS)("gatedActivation %s", (kind) => {
    expectGradients(
      { gate: unkinked(), up: draw(SIZE) },
      ({ gate, up }) => {
        const y = zeros(SIZE);
        reference.gatedActivation(kind, gate!, up!, y);
        return y;
      },
      draw(SIZE),
      ({ gate, up }, dy) => {
        const gradients = { gate: zeros(SIZE), up: zeros(SIZE) };
        reference.gatedActivationGradient(kind, gate!, up!, dy, gradients.gate, gradients.up);
        return gradients;
      },
    );
  });

  it("gatherRows", () => {
    const rows = Uint32Array.of(3, 0, 3);
    expectGradients(
      { table: draw(4 * COLUMNS) },
      ({ table }) => {
        const y = zeros(SIZE);
        reference.gatherRows("F32", new Uint8Array(table!.buffer), rows, rowsOf(y));
        return y;
      },
      draw(SIZE),
      (_, dy) => {
        const table = zeros(4 * COLUMNS);
        reference.scatterRows(rows, rowsOf(dy), table);
        return { table };
      },
    );
  });

  it("addBias", () => {
    expectGradients(
      { bias: draw(COLUMNS) },
      ({ bias }) => {
        const y = zeros(SIZE);
        reference.addBias(bias!, rowsOf(y));
        return y;
      },
      draw(SIZE),
      (_, dy) => {
        const bias = zeros(COLUMNS);
        reference.addColumnSums(rowsOf(dy), bias);
        return { bias };
      },
    );
  });
});
