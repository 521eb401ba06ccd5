import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BLOCK_INPUTS, randomBlockBytes } from "./block-inputs.fixture.js";
import { BLOCK_TYPES } from "./block-table.js";
import { decoded } from "./decoded.fixture.js";

interface Digests {
  readonly encode: Readonly<Record<string, string>>;
  readonly decode: string;
}

const golden = JSON.parse(readFileSync(new URL("./__golden__/ggml-blocks.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Digests>
> & { readonly inputs: Readonly<Record<string, string>> };

/** Blocks that are decoded. */
const BLOCKS = 512;

function digest(array: Uint8Array | Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest("hex");
}

describe("inputs", () => {
  it.each(Object.keys(BLOCK_INPUTS))("%s are those that ggml was given", (name) => {
    expect(digest(BLOCK_INPUTS[name]!)).toBe(golden.inputs[name]);
  });
});

/** Names of the digests: iq4_nl, q4_K, q4_0. */
function spelled(name: string): string {
  return name.toLowerCase().replace(/_k$/, "_K");
}

describe.each(Object.values(BLOCK_TYPES).filter(({ name }) => spelled(name) in golden))("$name", (type) => {
  const expected = golden[spelled(type.name)]!;

  it.each(Object.keys(expected.encode))("encodes %s as ggml does", (name) => {
    const values = BLOCK_INPUTS[name]!;
    const blocks = new Uint8Array((values.length / type.weights) * type.bytes);
    type.encode!(values, blocks);
    expect(digest(blocks)).toBe(expected.encode[name]);
  });

  it("decodes any bytes to ggml's values", () => {
    const rows = 4;
    const term = type.unpack(randomBlockBytes(BLOCKS * type.bytes), rows, (BLOCKS / rows) * type.weights);
    expect(digest(decoded(term).map((value) => (Number.isNaN(value) ? Number.NaN : value + 0)))).toBe(expected.decode);
  });
});
