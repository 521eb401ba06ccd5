import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { readScales } from "../../terms/scale-array.js";
import { termArrays } from "../../terms/term-arrays.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { syntheticLayerPart } from "../synthetic-layer-part.fixture.js";
import { awq } from "./awq.js";

const backend = createReferenceBackend();
const layer = syntheticLayerPart(24);

const quantized = (given: Readonly<Record<string, unknown>>) => quantizeLayer(awq, given, layer);

describe("awq on the synthetic layer", () => {
  it.each([4, 3, 2])("at %i bits each search lowers the output error, both together most", (bits) => {
    const [none, scales, clips, both] = [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ].map(([scaleSearch, clipSearch]) => quantized({ bits, scaleSearch, clipSearch }).error);
    expect(scales).toBeLessThan(0.8 * none!);
    expect(clips).toBeLessThan(0.8 * none!);
    expect(both).toBeLessThan(0.95 * Math.min(scales!, clips!));
  });

  it.each(["symmetric", "integer", "float", "minimum"])("beats no search with a zero that is %s", (zero) => {
    const search = quantized({ bits: 3, zero }).error;
    expect(search).toBeLessThan(0.7 * quantized({ bits: 3, zero, scaleSearch: false, clipSearch: false }).error);
  });

  it("chooses about the same scales from a sample of the rows", () => {
    const all = quantized({ bits: 3, clipSearch: false });
    const sample = quantized({ bits: 3, clipSearch: false, searchRows: 8 });
    expect(sample.error).toBeLessThan(1.1 * all.error);
  });
});

it("stores what it plans: codes, and 1/s for every input", () => {
  const options = resolveOptions(awq, { bits: 3, group: 100 });
  const { terms, inputTransforms } = quantized({ bits: 3, group: 100 });
  const plan = awq.layout(layer.weights, options);
  expect(terms.map(({ layout }) => layout)).toEqual(plan.terms);
  expect(inputTransforms.map(({ layout }) => layout)).toEqual(plan.transforms);
  for (const { name } of termArrays(plan.terms[0]!)) expect(terms[0]!.arrays).toHaveProperty(name);
  const scale = readScales(inputTransforms[0]!.arrays["scale"]!, "F16");
  expect(scale.length).toBe(layer.weights.columns);
  expect(Math.max(...scale) * Math.min(...scale)).toBeCloseTo(1, 2);
});

it("asks only for the statistics that its searches read", () => {
  expect(awq.needs(resolveOptions(awq, {}))).toEqual(["hessian", "mean-abs"]);
  expect(awq.needs(resolveOptions(awq, { scaleSearch: false }))).toEqual(["hessian"]);
  expect(awq.needs(resolveOptions(awq, { scaleSearch: false, clipSearch: false }))).toEqual([]);
});

it("refuses a layer without them", () => {
  const options = resolveOptions(awq, {});
  const { weights, statistics } = layer;
  const lacking = { weights, statistics: { ...statistics, values: { hessian: statistics.values.hessian! } } };
  expect(() => awq.quantizeLayer(lacking, options, backend)).toThrow(
    expect.objectContaining({ code: "quantize/missing-statistic" }),
  );
});

it("refuses rows for a search that is off", () => {
  expect(() => resolveOptions(awq, { scaleSearch: false, searchRows: 5 })).toThrow(
    expect.objectContaining({ code: "options/conflict" }),
  );
});
