import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { BLOCK_TYPES } from "../blocks/block-table.js";
import { quantizeMatrix } from "../pipeline/quantize-matrix.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import type { Term } from "../terms/term.js";
import { fittingLayouts } from "./fitting-layouts.js";
import { LAYOUT_WRITERS } from "./layout-writers.js";

const PAGE = new URL("../../../../docs/formats/convert.md", import.meta.url);
const backend = createReferenceBackend();
const [ROWS, COLUMNS] = [32, 512];
/** Gaussian, as the weights of a layer. */
const VALUES = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => {
  const uniform = (n: number): number => (Math.abs(Math.sin(n * 12.9898) * 43758.5453) % 1) + 1e-9;
  return 0.02 * Math.sqrt(-2 * Math.log(uniform(i + 1))) * Math.cos(2 * Math.PI * uniform(i + 0.5));
});
const BLOCK = { values: VALUES, rows: ROWS, columns: COLUMNS };

/** Methods as they are used, with the options that decide what holds them. */
const METHODS: readonly (readonly [method: string, options: Readonly<Record<string, unknown>>])[] = [
  ["rtn", { bits: 4, group: 128 }],
  ["rtn", { bits: 4, group: 32 }],
  ["rtn", { bits: 4, group: 32, zero: "minimum" }],
  ["rtn", { bits: 4, group: 32, zero: "symmetric" }],
  ["rtn", { bits: 8, group: 32, zero: "symmetric" }],
  ["rtn", { bits: 3, group: 128 }],
  ["rtn", { bits: 2, group: 128 }],
  ["hqq", { bits: 4, group: 64 }],
  ["binary", { group: 128 }],
  ["ternary", {}],
  ["ternary", { group: 128 }],
  ["nf4", {}],
];

/** Every block type and writer whose own weights are tried on the others. */
function sources(): readonly { readonly name: string; readonly terms: readonly Term[] }[] {
  const methods = METHODS.map(([method, options]) => {
    const given = Object.entries(options).map(([key, value]) => `${key}=${value}`);
    const terms = quantizeMatrix(QUANTIZERS[method]!, BLOCK, options, backend);
    return { name: [method, ...given].join(" "), terms };
  });
  const blocks = Object.values(BLOCK_TYPES).flatMap(({ name, weights, bytes, encode, unpack }) => {
    if (encode === undefined) return [];
    const encoded = new Uint8Array((VALUES.length / weights) * bytes);
    encode(VALUES, encoded);
    return [{ name: `gguf:${name}`, terms: [unpack(encoded, ROWS, COLUMNS)] }];
  });
  const writers = LAYOUT_WRITERS.map((writer) => {
    const type = writer.types[0]!;
    return { name: `${writer.name}:${type}`, terms: writer.requantize(BLOCK, type, backend) };
  });
  return [...methods, ...blocks, ...writers];
}

function table(): string {
  const rows = sources().map(({ name, terms }) => {
    const fits = fittingLayouts({ name: "a.weight", shape: [ROWS, COLUMNS], dtype: "BF16", terms, transforms: [] });
    const list = (isRounded: boolean): string =>
      fits
        .filter(({ rounded }) => (rounded !== undefined) === isRounded)
        .map(({ layout }) => layout)
        .join(", ") || "–";
    return `| \`${name}\` | ${list(false)} | ${list(true)} |`;
  });
  return ["| weights of | exactly | with rounded scales |", "|---|---|---|", ...rows].join("\n");
}

describe("docs/formats/convert.md", { timeout: 60_000 }, () => {
  it("has the table of what converts into what", () => {
    const text = readFileSync(PAGE, "utf8");
    const [, after = ""] = text.split("<!-- table -->\n");
    expect(after.split("\n<!-- end of table -->")[0]).toBe(table());
  });

  it("names every layout that is written", () => {
    const text = readFileSync(PAGE, "utf8");
    for (const { name, types } of LAYOUT_WRITERS) {
      for (const word of [name, ...types]) expect(text).toContain(`\`${word}\``);
    }
  });
});
