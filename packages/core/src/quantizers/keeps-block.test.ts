import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { allocateTerm } from "../terms/term-arrays.js";
import { normalWeights } from "./quantize-matrix.fixture.js";
import { QUANTIZERS } from "./quantizer-table.js";
import { resolveOptions } from "./resolve-options.js";

const SHAPE = { rows: 3, columns: 96 };
const GIVEN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  arb: { variant: "second-order", group: 32 },
  binary: { order: 2, group: 32 },
};

/** Whether `quantizeRows` left the block as it was: the error is then measured against it. */
function keeps(name: string): boolean {
  const quantizer = QUANTIZERS[name]!;
  const backend = createReferenceBackend();
  const options = resolveOptions(quantizer, GIVEN[name] ?? {});
  const weights = normalWeights(SHAPE.rows * SHAPE.columns, 5);
  const block = { ...SHAPE, values: weights.slice() };
  let state = quantizer.survey?.begin(SHAPE, options);
  for (let pass = 0; pass < (quantizer.survey?.passes(options) ?? 0); pass++) {
    const partial = quantizer.survey!.look(pass, state, { ...SHAPE, values: weights.slice() }, options, backend);
    state = quantizer.survey!.fold(pass, state, [partial], options);
  }
  const terms = quantizer.layout(SHAPE, options).map((layout) => allocateTerm(layout));
  quantizer.quantizeRows(block, terms, options, state, backend);
  return block.values.every((value, i) => Object.is(value, weights[i]));
}

describe("keepsBlock", () => {
  it.each(Object.keys(QUANTIZERS))("%s says what it does", (name) => {
    expect(keeps(name)).toBe(QUANTIZERS[name]!.keepsBlock === true);
  });
});
