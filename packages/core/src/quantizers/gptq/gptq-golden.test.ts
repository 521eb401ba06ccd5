import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { readU32 } from "../../terms/index-array.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { gptq } from "./gptq.js";

interface GoldenCase {
  readonly bits: number;
  readonly group: number;
  readonly actOrder: boolean;
  readonly staticGroups?: boolean;
  /** Where one is stored. */
  readonly permutation?: readonly number[];
  /** One byte a code, in the order of the loop. */
  readonly codes: string;
  readonly error: number;
}

interface GoldenFile {
  readonly rows: number;
  readonly columns: number;
  readonly damping: number;
  readonly weightsTimes2To20: readonly number[];
  readonly hessian: readonly number[];
  readonly cases: readonly GoldenCase[];
}

function readGolden(name: string): { readonly layer: CalibratedLayer; readonly file: GoldenFile } {
  const file = JSON.parse(readFileSync(new URL(`__golden__/${name}`, import.meta.url), "utf8")) as GoldenFile;
  const { rows, columns } = file;
  const statistics = {
    name: "golden.weight",
    shape: { rows, columns },
    inFeatures: columns,
    samples: 2,
    tokens: 300,
    values: { hessian: Float64Array.from(file.hessian) },
  };
  const values = Float32Array.from(file.weightsTimes2To20, (w) => w / 2 ** 20);
  return { file, layer: { weights: { rows, columns, values }, statistics } };
}

describe.each([
  ["a transcription of the published algorithm in PyTorch", "column-loop.json"],
  ["llm-compressor", "llm-compressor.json"],
])("gptq beside %s", (_, name) => {
  const { layer, file } = readGolden(name);
  const { rows, columns, damping } = file;

  it.each(file.cases)("has its codes, at $bits bits in groups of $group, act-order $actOrder", (wanted) => {
    const { bits, group, actOrder, staticGroups = false } = wanted;
    const options = { bits, group, actOrder, staticGroups, damping, scaleDtype: "F32" };
    const { terms, inputTransforms, error } = quantizeLayer(gptq, options, layer);
    const codes = new Uint8Array(rows * columns);
    const packed = (terms[0]!.arrays as unknown as { readonly codes: Uint8Array }).codes;
    for (let row = 0; row < rows; row++) {
      unpackCodes(packed.subarray((row * packed.length) / rows), bits, columns, codes.subarray(row * columns));
    }
    let equal = 0;
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] === Number.parseInt(wanted.codes.slice(2 * i, 2 * i + 2), 16)) equal++;
    }
    expect(equal / codes.length).toBeGreaterThanOrEqual(0.995);
    expect(Math.abs(error / wanted.error - 1)).toBeLessThan(0.01);
    const order = inputTransforms[0] && [...readU32(inputTransforms[0].arrays["indices"]!)];
    expect(order).toEqual(wanted.actOrder ? wanted.permutation : undefined);
  });
});
