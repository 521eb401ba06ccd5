import { decodeTerms, runnableTerm } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import type { LinearLayer } from "../model/layers.js";
import { storedTerms } from "../stored-forms.fixture.js";
import { ComputeOps } from "./compute-ops.js";

const ROWS = 40;
const COLUMNS = 96;
const TOKENS = 3;
const wave = (count: number, step: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));

const given = storedTerms(wave(ROWS * COLUMNS, 1.7), ROWS, COLUMNS);
const layer: LinearLayer = {
  name: "w",
  rows: ROWS,
  columns: COLUMNS,
  outFeatures: ROWS,
  inFeatures: COLUMNS,
  terms: given.map(runnableTerm),
  inputTransforms: [],
  isTransposed: false,
  roundsActivations: true,
};
const x = wave(TOKENS * COLUMNS, 0.37);

describe.each(testBackends)("a layer of stored forms on $name", ({ create }) => {
  it.each([undefined, 8] as const)("is the product with the decoded matrix, activation bits %s", async (bits) => {
    const backend = await create();
    const matrix = new Float32Array(ROWS * COLUMNS);
    decodeTerms(given, matrix, backend);
    const ops = new ComputeOps(backend, bits === undefined ? {} : { activationBits: bits });
    const input = ops.make(TOKENS, COLUMNS);
    input.values.set(x);
    const y = ops.linear(layer, input).values;
    // Codes of 8 bits are off by half a step of 1/127 of the largest activation, about 1.
    const tolerance = bits === undefined ? 1e-4 : (0.5 / 127) * Math.sqrt(COLUMNS) * 3;
    for (let token = 0; token < TOKENS; token++) {
      for (let row = 0; row < ROWS; row++) {
        let sum = 0;
        for (let c = 0; c < COLUMNS; c++) sum += matrix[row * COLUMNS + c]! * x[token * COLUMNS + c]!;
        expect(Math.abs(y[token * ROWS + row]! - sum)).toBeLessThan(tolerance);
      }
    }
    backend.close();
  });
});
