import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { storedBitsPerWeight } from "../../terms/bits-per-weight.js";
import { billm } from "../billm/billm.js";
import { binary } from "../binary/binary.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { relativeOutputError } from "../output-error.js";
import { pbLlm } from "../pb-llm/pb-llm.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { quantizeMatrix } from "../quantize-matrix.fixture.js";
import { stbllm } from "../stbllm/stbllm.js";
import { syntheticLayer } from "../synthetic-layer.fixture.js";
import { arbLlm } from "./arb-llm.js";

interface Figures {
  readonly error: number;
  readonly bits: number;
}
type Run = (layer: CalibratedLayer) => Figures;

function calibrated(method: Parameters<typeof quantizeLayer>[0], options: Record<string, unknown>): Run {
  return (layer) => {
    const { error, terms } = quantizeLayer(method, options, layer);
    return {
      error,
      bits: storedBitsPerWeight(
        layer.weights,
        terms.map((term) => term.layout),
      ),
    };
  };
}

/** XNOR: signs and one scale for 128 weights, without calibration. */
const xnor: Run = ({ weights, statistics }) => {
  const { terms, decoded } = quantizeMatrix(binary, { group: 128 }, weights.values, weights.columns);
  const error = relativeOutputError(weights, decoded, statistics.values.hessian!, createReferenceBackend());
  return {
    error,
    bits: storedBitsPerWeight(
      weights,
      terms.map((term) => term.layout),
    ),
  };
};

/** Binary methods on the synthetic layer: relative output error and stored bits a weight, as measured. */
const TABLE = {
  "PB-LLM 30 %": [calibrated(pbLlm, { share: 0.3 }), 0.0174, 4.53],
  "PB-LLM 10 %": [calibrated(pbLlm, {}), 0.0686, 2.92],
  "PB-LLM 10 %, biased": [calibrated(pbLlm, { fit: "biased" }), 0.0679, 2.92],
  "PB-LLM 10 %, magnitude": [calibrated(pbLlm, { metric: "magnitude" }), 0.0893, 2.92],
  "ARB-LLM X + CGB": [calibrated(arbLlm, { variant: "x" }), 0.0861, 3.7],
  "ARB-LLM RC + CGB": [calibrated(arbLlm, {}), 0.102, 3.27],
  "ARB-LLM + CGB": [calibrated(arbLlm, { variant: "plain" }), 0.1, 3.7],
  BiLLM: [calibrated(billm, {}), 0.2, 2.67],
  "BiLLM, released code": [calibrated(billm, { reference: true }), 0.241, 3.04],
  "STBLLM 4:8": [calibrated(stbllm, {}), 0.146, 3.92],
  "STBLLM 4:8, released code": [calibrated(stbllm, { reference: true }), 0.277, 4.21],
  "ARB-LLM X alone": [calibrated(arbLlm, { variant: "x", columnGroupBitmap: false }), 0.467, 1.25],
  "ARB-LLM RC alone": [calibrated(arbLlm, { columnGroupBitmap: false }), 0.44, 1.19],
  XNOR: [xnor, 0.534, 1.13],
} as const satisfies Record<string, readonly [Run, number, number]>;

type Name = keyof typeof TABLE;
const NAMES = Object.keys(TABLE) as Name[];

describe("binary methods on the synthetic layer", () => {
  const found = {} as Record<Name, Figures>;
  beforeAll(() => {
    for (const name of NAMES) found[name] = TABLE[name][0](syntheticLayer());
  }, 120_000);

  const below = (better: Name, worse: Name, factor = 1): void => {
    expect(found[better].error, `${better} against ${worse}`).toBeLessThan(found[worse].error * factor);
  };

  it.each(NAMES)("%s: about the figures of the table", (name) => {
    const [, error, bits] = TABLE[name];
    expect(Math.abs(found[name].error / error - 1)).toBeLessThan(0.1);
    expect(Math.abs(found[name].bits - bits)).toBeLessThan(0.05);
  });

  it("stand in the order that is known of them", () => {
    below("PB-LLM 30 %", "PB-LLM 10 %", 0.5);
    below("PB-LLM 10 %", "PB-LLM 10 %, magnitude", 0.8);
    below("PB-LLM 10 %, magnitude", "BiLLM");
    below("ARB-LLM RC + CGB", "BiLLM", 0.6);
    below("ARB-LLM X + CGB", "BiLLM", 0.6);
    below("BiLLM", "BiLLM, released code", 0.9);
    below("STBLLM 4:8", "STBLLM 4:8, released code", 0.9);
    for (const alone of ["ARB-LLM X alone", "ARB-LLM RC alone"] as const) {
      below("BiLLM, released code", alone, 0.9);
      below(alone, "XNOR", 0.9);
    }
  });
});
