import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../errors/error-codes.js";
import type { TermLayout } from "../../terms/term.js";
import { PROVENANCE } from "./lowbit-file.fixture.js";
import type { LowbitWeight } from "./lowbit-weight.js";
import { type HeaderTensor, readLowbitSchema } from "./read-lowbit-schema.js";
import { weightTensors } from "./weight-tensors.js";
import { writeLowbitSchema } from "./write-lowbit-schema.js";

const affine: TermLayout = {
  kind: "affine",
  rows: 4,
  columns: 64,
  bits: 4,
  granularity: "group",
  groupSize: 32,
  zero: "integer",
  scaleDtype: "F16",
};
const sound: LowbitWeight = {
  name: "w",
  shape: [4, 64],
  dtype: "BF16",
  terms: [affine],
  transforms: [{ kind: "hadamard", columns: 64, size: 32 }],
  provenance: PROVENANCE,
};

type Header = Map<string, HeaderTensor>;
const headerOf = (weight: LowbitWeight): Header =>
  new Map(weightTensors(weight).map(({ name, dtype, shape }) => [name, { dtype, shape }]));

interface Entry {
  shape: unknown;
  dtype: unknown;
  terms: unknown;
  transforms: unknown;
  provenance: unknown;
  [key: string]: unknown;
}
const entry = (changes: object = {}): Entry => {
  const { name: _, ...rest } = sound;
  return { ...structuredClone(rest), ...changes };
};
const term = (changes: object) => entry({ terms: [{ ...affine, ...changes }] });
const transform = (layout: object) => entry({ transforms: [layout] });
const without = (object: object, key: string) => Object.fromEntries(Object.entries(object).filter(([k]) => k !== key));
const schema = (w: unknown, changes: object = {}) => ({ version: 1, weights: { w }, ...changes });

/** A header of one sound weight with something changed. */
function header(change: (tensors: Header) => void): Header {
  const tensors = headerOf(sound);
  change(tensors);
  return tensors;
}
const soundHeader = headerOf(sound);
const huge = 2 ** 31 - 1;
const sparse = { kind: "sparse", rows: 4, columns: huge, count: 0, indexDtype: "U32", valueDtype: "F16" } as const;

const bilevel: TermLayout = {
  kind: "bilevel",
  rows: 4,
  columns: 64,
  bits: 4,
  groupSize: 16,
  scaleBits: 3,
  zeroBits: 3,
  rowsPerBlock: 2,
  scaleDtype: "F16",
};
const masked: TermLayout = {
  kind: "masked",
  rows: 4,
  columns: 64,
  count: 40,
  bits: 8,
  positions: "bitmap",
  scaleDtype: "F16",
};
const some = (changes: object) =>
  entry({
    terms: [
      {
        kind: "sign",
        rows: 4,
        columns: 64,
        coveredColumns: 9,
        granularity: "group",
        groupSize: 32,
        zones: 1,
        hasMean: false,
        hasColumnScale: false,
        scaleDtype: "F16",
        ...changes,
      },
    ],
  });

/** Nested too deeply for anything that recurses. */
const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
const nested = (content: unknown) => JSON.stringify(content).replace('"DEEP"', DEEP);

const HOSTILE: [string, unknown, ErrorCode, Header?][] = [
  ["text that is not JSON", "{", "layouts/schema-json"],
  ["an array at the top", [], "layouts/schema-type"],
  ["null at the top", null, "layouts/schema-type"],
  ["no version", { weights: {} }, "layouts/unknown-version"],
  ["a later version", schema(entry(), { version: 2 }), "layouts/unknown-version"],
  ["a version in text", schema(entry(), { version: "1" }), "layouts/unknown-version"],
  ["no weights", { version: 1 }, "layouts/schema-missing-key"],
  ["an unknown key at the top", schema(entry(), { extra: 1 }), "layouts/schema-unknown-key"],
  ["weights in a list", { version: 1, weights: [entry()] }, "layouts/schema-type"],
  ["an entry that is null", schema(null), "layouts/schema-type"],
  ["an entry without provenance", schema(without(entry(), "provenance")), "layouts/schema-missing-key"],
  ["an unknown key of an entry", schema(entry({ lora: {} })), "layouts/schema-unknown-key"],
  ["a key named __proto__", `{"version":1,"weights":{"w":{"__proto__":{}}}}`, "layouts/schema-missing-key"],
  ["a shape that is a number", schema(entry({ shape: 256 })), "layouts/schema-type"],
  ["an empty shape", schema(entry({ shape: [] })), "layouts/invalid-shape"],
  ["a size of 0", schema(entry({ shape: [0, 64] })), "layouts/invalid-shape"],
  ["a negative size", schema(entry({ shape: [-4, 64] })), "layouts/invalid-shape"],
  ["a size with a fraction", schema(entry({ shape: [4.5, 64] })), "layouts/invalid-shape"],
  ["a size beyond int32", schema(entry({ shape: [4, 2 ** 31] })), "layouts/invalid-shape"],
  ["nine axes", schema(entry({ shape: [1, 1, 1, 1, 1, 1, 1, 4, 64] })), "layouts/invalid-shape"],
  ["another shape than its terms", schema(entry({ shape: [64, 4] })), "terms/shape-mismatch"],
  ["a product that overflows", schema(entry({ shape: [huge, huge, 64] })), "terms/shape-mismatch"],
  ["a dtype of numpy", schema(entry({ dtype: "float16" })), "layouts/unknown-dtype"],
  ["a dtype of Object.prototype", schema(entry({ dtype: "constructor" })), "layouts/unknown-dtype"],
  ["a dtype that is a number", schema(entry({ dtype: 16 })), "layouts/schema-type"],
  ["no terms", schema(entry({ terms: [] })), "terms/no-terms"],
  ["a term that is text", schema(entry({ terms: ["affine"] })), "layouts/schema-type"],
  ["a term without a kind", schema(entry({ terms: [without(affine, "kind")] })), "terms/unknown-kind"],
  ["a later kind of term", schema(term({ kind: "lattice" })), "terms/unknown-kind"],
  ["a kind of Object.prototype", schema(term({ kind: "toString" })), "terms/unknown-kind"],
  ["0 bits", schema(term({ bits: 0 })), "terms/invalid-field"],
  ["9 bits", schema(term({ bits: 9 })), "terms/invalid-field"],
  ["groups of 0", schema(term({ groupSize: 0 })), "terms/invalid-field"],
  ["groups in text", schema(term({ groupSize: "32" })), "terms/invalid-field"],
  ["rows with groups shorter than the row", schema(term({ granularity: "row" })), "terms/invalid-field"],
  ["an unknown granularity", schema(term({ granularity: "block" })), "terms/invalid-field"],
  ["scales in F64", schema(term({ scaleDtype: "F64" })), "terms/invalid-field"],
  ["columns of 0", schema(term({ columns: 0 })), "terms/invalid-field"],
  ["a term without its bits", schema(entry({ terms: [without(affine, "bits")] })), "terms/missing-field"],
  ["a field from a later version", schema(term({ interleave: 4 })), "terms/unknown-field"],
  [
    "more covered columns than columns",
    schema(entry({ terms: [{ kind: "dense", rows: 4, columns: 64, coveredColumns: 65, valueDtype: "F16" }] })),
    "terms/invalid-field",
  ],
  ["four zones on some columns", schema(some({ zones: 4 })), "terms/invalid-field"],
  ["four zones and pruned weights", schema(some({ zones: 4, hasPruned: true })), "terms/invalid-field"],
  ["zero-one codes with a mean", schema(some({ isZeroOne: true, hasMean: true })), "terms/invalid-field"],
  ["row groups of the covered columns only", schema(some({ granularity: "row", groupSize: 9 })), "terms/invalid-field"],
  ["no covered columns", schema(some({ coveredColumns: 0 })), "terms/invalid-field"],
  ["blocks of no rows", schema(entry({ terms: [{ ...bilevel, rowsPerBlock: 0 }] })), "terms/invalid-field"],
  ["scale codes of 0 bits", schema(entry({ terms: [{ ...bilevel, scaleBits: 0 }] })), "terms/invalid-field"],
  [
    "a bilevel term with a granularity",
    schema(entry({ terms: [{ ...bilevel, granularity: "row" }] })),
    "terms/unknown-field",
  ],
  ["more marked weights than weights", schema(entry({ terms: [{ ...masked, count: 257 }] })), "terms/invalid-field"],
  ["a count below 0", schema(entry({ terms: [{ ...masked, count: -1 }] })), "terms/invalid-field"],
  ["positions of an unknown form", schema(entry({ terms: [{ ...masked, positions: "runs" }] })), "terms/invalid-field"],
  [
    "fewer codes than the count states",
    schema(entry({ terms: [masked], transforms: [] })),
    "layouts/tensor-shape",
    headerOf({ ...sound, terms: [{ ...masked, count: 8 }], transforms: [] }),
  ],
  [
    "grids of another number of blocks",
    schema(entry({ terms: [bilevel], transforms: [] })),
    "layouts/tensor-shape",
    headerOf({ ...sound, terms: [{ ...bilevel, rowsPerBlock: 4 }], transforms: [] }),
  ],
  ["an unknown transform", schema(transform({ kind: "dct", columns: 64 })), "terms/unknown-transform"],
  ["a rotation of 3 columns", schema(transform({ kind: "hadamard", columns: 64, size: 3 })), "terms/invalid-field"],
  [
    "a rotation that does not divide the row",
    schema(transform({ kind: "hadamard", columns: 64, size: 128 })),
    "terms/invalid-field",
  ],
  ["a transform of other columns", schema(transform({ kind: "permutation", columns: 32 })), "terms/shape-mismatch"],
  ["options that nest", schema(entry({ provenance: { ...PROVENANCE, options: { a: {} } } })), "layouts/schema-type"],
  ["a method that is a number", schema(entry({ provenance: { ...PROVENANCE, method: 7 } })), "layouts/schema-type"],
  ["a missing array", schema(entry()), "layouts/missing-tensor", header((t) => t.delete("w.terms.0.scale"))],
  [
    "an array of another dtype",
    schema(entry()),
    "layouts/tensor-dtype",
    header((t) => t.set("w.terms.0.scale", { dtype: "BF16", shape: [4, 2] })),
  ],
  [
    "an array of another shape",
    schema(entry()),
    "layouts/tensor-shape",
    header((t) => t.set("w.terms.0.codes", { dtype: "U8", shape: [4, 31] })),
  ],
  [
    "an array with an axis more",
    schema(entry()),
    "layouts/tensor-shape",
    header((t) => t.set("w.terms.0.codes", { dtype: "U8", shape: [4, 32, 1] })),
  ],
  [
    "a transform without its signs",
    schema(entry()),
    "layouts/missing-tensor",
    header((t) => t.delete("w.transforms.0.signs")),
  ],
  [
    "a plain tensor of the weight's name",
    schema(entry()),
    "layouts/name-collision",
    header((t) => t.set("w", { dtype: "F32", shape: [4, 64] })),
  ],
  [
    "20 bytes that state eight thousand million weights",
    schema(entry({ shape: [4, huge], terms: [sparse], transforms: [] })),
    "layouts/implausible-size",
    headerOf({ ...sound, shape: [4, huge], terms: [sparse], transforms: [] }),
  ],
  ["a hundred thousand lists at the top", DEEP, "layouts/schema-type"],
  ["a hundred thousand lists as version", nested({ version: "DEEP", weights: {} }), "layouts/unknown-version"],
  ["a hundred thousand lists as dtype", nested(schema(entry({ dtype: "DEEP" }))), "layouts/schema-type"],
  ["a hundred thousand lists as a size", nested(schema(entry({ shape: ["DEEP"] }))), "layouts/invalid-shape"],
  ["a hundred thousand lists as kind", nested(schema(term({ kind: "DEEP" }))), "terms/unknown-kind"],
  ["a hundred thousand lists as a field", nested(schema(term({ bits: "DEEP" }))), "terms/invalid-field"],
];

describe("readLowbitSchema", () => {
  it("accepts the sound schema that the broken ones are made from", () => {
    expect(readLowbitSchema(writeLowbitSchema([sound]).metadata, soundHeader)).toEqual([sound]);
    expect(readLowbitSchema({ lowbit: JSON.stringify(schema(entry())) }, soundHeader)).toEqual([sound]);
    expect(readLowbitSchema({ format: "pt" }, soundHeader)).toEqual([]);
  });

  it.each(HOSTILE)("refuses %s", (_, content, code, tensors = soundHeader) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    expect(() => readLowbitSchema({ lowbit: text }, tensors)).toThrow(expect.objectContaining({ code }));
  });

  it("names the weight", () => {
    expect(() => readLowbitSchema({ lowbit: JSON.stringify(schema(term({ bits: 9 }))) }, soundHeader)).toThrow(
      'Weight "w": Field "bits" of the affine term is 9; allowed: an integer from 1 to 8.',
    );
  });
});

describe("writeLowbitSchema", () => {
  it("refuses names that would meet", () => {
    const collision = expect.objectContaining({ code: "layouts/name-collision" });
    expect(() => writeLowbitSchema([sound], ["w.terms.0.codes"])).toThrow(collision);
    expect(() => writeLowbitSchema([sound], ["w"])).toThrow(collision);
    expect(() => writeLowbitSchema([sound, sound])).toThrow(collision);
  });

  it("keeps the format tag that other libraries look for", () => {
    expect(writeLowbitSchema([sound]).metadata["format"]).toBe("pt");
  });
});
