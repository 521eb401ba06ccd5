import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { arbLlm } from "./arb-llm/arb-llm.js";
import { awq } from "./awq/awq.js";
import { billm } from "./billm/billm.js";
import { binary } from "./binary/binary.js";
import type { CalibratedLayer, CalibratedQuantizer } from "./calibrated-quantizer.js";
import { gptq } from "./gptq/gptq.js";
import { hqq } from "./hqq/hqq.js";
import { relativeOutputError } from "./output-error.js";
import { pbLlm } from "./pb-llm/pb-llm.js";
import { quantizeLayer } from "./quantize-layer.fixture.js";
import { quantizeMatrix } from "./quantize-matrix.fixture.js";
import type { Quantizer } from "./quantizer.js";
import { rtn } from "./rtn/rtn.js";
import { spqr } from "./spqr/spqr.js";
import { stbllm } from "./stbllm/stbllm.js";
import { syntheticLayer } from "./synthetic-layer.fixture.js";

type Run = (layer: CalibratedLayer) => number;
type Given = Readonly<Record<string, unknown>>;

function calibrated<O extends object>(method: CalibratedQuantizer<O>, given: Given): Run {
  return (layer) => quantizeLayer(method, given, layer).error;
}

function dataFree<O extends object, S>(method: Quantizer<O, S>, given: Given): Run {
  return ({ weights, statistics }) => {
    const { decoded } = quantizeMatrix(method, given, weights.values, weights.columns);
    return relativeOutputError(weights, decoded, statistics.values.hessian!, createReferenceBackend());
  };
}

const plain = { actOrder: false };
const alone = { columnGroupBitmap: false };
const fewSalient = { mean: true, salientLimit: 12 };

/**
 * Relative output errors on the synthetic layer: those of a layer of the same kind in another implementation, where there are
 * such figures, and ours.
 */
const TABLE = {
  "GPTQ 4 act-order": [calibrated(gptq, {}), 0.007, 0.0106],
  "GPTQ 4": [calibrated(gptq, plain), 0.012, 0.0135],
  "HQQ 4 g64": [dataFree(hqq, {}), 0.015, 0.0143],
  "RTN 4 g64": [dataFree(rtn, {}), 0.016, 0.0172],
  "PB-LLM 30 %": [calibrated(pbLlm, { share: 0.3 }), 0.02, 0.0174],
  "RTN 4": [dataFree(rtn, { group: 128 }), 0.024, 0.0256],
  "GPTQ 3 act-order": [calibrated(gptq, { bits: 3 }), 0.032, 0.0477],
  "GPTQ 3": [calibrated(gptq, { bits: 3, ...plain }), 0.055, 0.0583],
  "ARB-LLM RC": [calibrated(arbLlm, {}), 0.07, 0.102],
  "PB-LLM 10 %": [calibrated(pbLlm, {}), 0.075, 0.0686],
  "PB-LLM 10 % by magnitude": [calibrated(pbLlm, { metric: "magnitude" }), 0.1, 0.0893],
  "RTN 3": [dataFree(rtn, { bits: 3, group: 128 }), 0.1, 0.107],
  BiLLM: [calibrated(billm, {}), 0.157, 0.2],
  "GPTQ 2 act-order": [calibrated(gptq, { bits: 2 }), 0.21, 0.21],
  "BiLLM, released code": [calibrated(billm, { reference: true }), 0.245, 0.241],
  "GPTQ 2": [calibrated(gptq, { bits: 2, ...plain }), 0.34, 0.246],
  "RTN 2": [dataFree(rtn, { bits: 2, group: 128 }), 0.37, 0.382],
  "ARB-LLM RC alone": [calibrated(arbLlm, alone), 0.39, 0.44],
  "ARB-LLM X alone": [calibrated(arbLlm, { variant: "x", ...alone }), 0.41, 0.467],
  XNOR: [dataFree(binary, { group: 128 }), 0.53, 0.534],
  "SpQR 4": [calibrated(spqr, {}), undefined, 0.00333],
  "SpQR 4 without outliers": [calibrated(spqr, { outliers: "none" }), undefined, 0.00452],
  "AWQ 4": [calibrated(awq, {}), undefined, 0.0165],
  "HQQ 4": [dataFree(hqq, { group: 128 }), undefined, 0.0229],
  "ARB-LLM X": [calibrated(arbLlm, { variant: "x" }), undefined, 0.0861],
  "RTN 1": [dataFree(rtn, { bits: 1, group: 128 }), undefined, 0.89],
  "STBLLM 6:8": [calibrated(stbllm, { prune: 2, ...fewSalient }), 0.13, 0.155],
  "STBLLM 6:8, released code": [calibrated(stbllm, { prune: 2, reference: true }), undefined, 0.234],
  "STBLLM 5:8": [calibrated(stbllm, { prune: 3, ...fewSalient }), 0.134, 0.154],
  "STBLLM 5:8, released code": [calibrated(stbllm, { prune: 3, reference: true }), undefined, 0.247],
  "STBLLM 4:8": [calibrated(stbllm, { prune: 4, ...fewSalient }), 0.144, 0.163],
  "STBLLM 4:8, released code": [calibrated(stbllm, { prune: 4, reference: true }), undefined, 0.277],
} as const satisfies Record<string, readonly [Run, number | undefined, number]>;

type Name = keyof typeof TABLE;
const NAMES = Object.keys(TABLE) as Name[];

/** Lower is better. */
const ORDERS: Readonly<Record<string, readonly Name[]>> = {
  // ARB-LLM RC and PB-LLM 10 % printed the same figure there; ours differ, and RC has a line of its own.
  "the printed figures": [
    "GPTQ 4 act-order",
    "GPTQ 4",
    "HQQ 4 g64",
    "RTN 4 g64",
    "PB-LLM 30 %",
    "RTN 4",
    "GPTQ 3 act-order",
    "GPTQ 3",
    "PB-LLM 10 %",
    "PB-LLM 10 % by magnitude",
    "RTN 3",
    "BiLLM",
    "GPTQ 2 act-order",
    "BiLLM, released code",
    "GPTQ 2",
    "RTN 2",
    "ARB-LLM RC alone",
    "ARB-LLM X alone",
    "XNOR",
  ],
  "ARB-LLM RC": ["GPTQ 3", "ARB-LLM RC", "RTN 3"],
  "4 bits, groups of 128": ["SpQR 4", "GPTQ 4 act-order", "GPTQ 4", "HQQ 4", "RTN 4"],
  "AWQ between them": ["SpQR 4", "AWQ 4", "HQQ 4"],
  "SpQR's kept weights": ["SpQR 4", "SpQR 4 without outliers", "GPTQ 4 act-order"],
  // By perplexity RC is the better one; X makes this very error small. PB-LLM is before BiLLM, with more bits.
  "1 bit": ["ARB-LLM X", "ARB-LLM RC", "BiLLM", "BiLLM, released code", "RTN 1"],
  "PB-LLM and one bit": ["PB-LLM 10 %", "RTN 1"],
  // Strict masks cost nothing against binarized zeros.
  "STBLLM 4:8": ["STBLLM 4:8", "STBLLM 4:8, released code"],
  "STBLLM 5:8": ["STBLLM 5:8", "STBLLM 5:8, released code"],
  "STBLLM 6:8": ["STBLLM 6:8", "STBLLM 6:8, released code"],
};

describe("methods on the synthetic layer", () => {
  const found = {} as Record<Name, number>;
  beforeAll(() => {
    for (const name of NAMES) found[name] = TABLE[name][0](syntheticLayer());
  }, 180_000);

  const printed = (): string =>
    NAMES.map((name) => {
      const [, reference, pinned] = TABLE[name];
      const cells = [reference ?? "", pinned, Number(found[name].toPrecision(3))].map((cell) => `${cell}`.padStart(9));
      return `${name.padEnd(32)}${cells.join("")}`;
    }).join("\n");

  it.each(Object.keys(ORDERS))("stand in the known order: %s", (name) => {
    const order = ORDERS[name]!;
    for (let i = 1; i < order.length; i++) {
      const [better, worse] = [order[i - 1]!, order[i]!];
      expect(found[better], `${better} against ${worse}\nmethod, reference, ours, now\n${printed()}`).toBeLessThan(
        found[worse],
      );
    }
  });

  it.each(NAMES)("%s has the figure of the table", (name) => {
    const [, , pinned] = TABLE[name];
    expect(Math.abs(found[name] / pinned - 1), printed()).toBeLessThan(0.02);
  });
});
