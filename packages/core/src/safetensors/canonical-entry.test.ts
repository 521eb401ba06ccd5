import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LowbitError } from "../errors/index.js";
import { CanonicalEntryMatcher } from "./canonical-entry.js";
import { scanEntries } from "./header-entries.js";
import type { HeaderProblem } from "./header-problem.js";
import { JsonScanner } from "./json-scanner.js";

/** Everything that reading a header gives: entries, metadata, problems and the fault that ended it. */
function outcome(text: string, withMatcher: boolean): unknown {
  const problems: HeaderProblem[] = [];
  const scanner = new JsonScanner(new TextEncoder().encode(text), 0, {
    ...(withMatcher ? { asciiText: text } : {}),
    fail: (reason, position) => new LowbitError("safetensors/header-json", reason, { position }),
  });
  try {
    const read = scanEntries(scanner, (code, message, facts) => problems.push({ code, message, facts }));
    return { read, problems };
  } catch (error) {
    if (!(error instanceof LowbitError)) throw error;
    return { fault: error.message, facts: error.facts, problems };
  }
}

const space = fc.constantFrom("", "", "", " ", "  ", "\n\t");
const count = fc.constantFrom("0", "1", "128", "-0", "01", "1.0", "1e2", "999999999999999", "9007199254740993", "null");
const counts = fc.tuple(fc.array(count, { maxLength: 10 }), space).map(([list, gap]) => `[${list.join(`,${gap}`)}]`);
const sizes = fc.array(fc.nat(300), { maxLength: 3 }).map((list) => `[${list}]`);
const name = fc.constantFrom(
  "a",
  "b.0",
  "model.layers.1.weight",
  "",
  "__proto__",
  "__metadata__",
  "\\u0061",
  'a\\"b',
  "x".repeat(600),
);
const fields = fc.tuple(
  fc.constantFrom('"F32"', '"BF16"', '"FP4"', '"I4"', "null", '"F\\u00332"').map((dtype) => ["dtype", dtype]),
  fc.oneof({ weight: 3, arbitrary: sizes }, counts).map((shape) => ["shape", shape]),
  fc
    .oneof({ weight: 3, arbitrary: fc.tuple(fc.nat(), fc.nat()).map((pair) => `[${pair}]`) }, counts)
    .map((span) => ["data_offsets", span]),
);
const order = fc.constantFrom([0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 1], [0, 1, 2, 1]);
const entry = fc.tuple(name, fields, order, space).map(([key, parts, indexes, gap]) => {
  const members = indexes.map((index) => parts[index]!).map(([field, value]) => `"${field}":${gap}${value}`);
  return `"${key}":${gap}{${members.join(`,${gap}`)}}`;
});
const header = fc
  .tuple(fc.array(entry, { maxLength: 5 }), space)
  .map(([entries, gap]) => `{${entries.join(`,${gap}`)}}${gap}`);
const damaged = fc
  .tuple(header, fc.nat(), fc.nat(2), fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", " ", "0", "-", "\u0001"))
  .map(([text, at, cut, token]) => {
    const position = at % (text.length + 1);
    return text.slice(0, position) + token + text.slice(position + cut);
  });

describe("CanonicalEntryMatcher", () => {
  it("changes nothing about what is read or refused: entries, positions, problems, faults", () => {
    const property = fc.property(fc.oneof(header, damaged), (text) => {
      expect(outcome(text, true)).toEqual(outcome(text, false));
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it.each([
    '"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}',
    '"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}',
    '"a":{"data_offsets":[0,24],"dtype":"F32","shape":[2,3]}',
  ])("takes %s", (text) => {
    const matcher = new CanonicalEntryMatcher(`{${text}}`);
    expect(matcher.match(1)).toEqual({ name: "a", dtype: "F32", shape: [2, 3], begin: 0, end: 24, namePosition: 1 });
    expect(matcher.end).toBe(1 + text.length);
  });

  it.each([
    '"a":{"shape":[2],"dtype":"F32","data_offsets":[0,8]}',
    '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}',
    '"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}',
    '"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}',
    '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,1000000000000000]}',
    '"a":{"dtype":"I4","shape":[2],"data_offsets":[0,8]}',
    '"\\u0061":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}',
    '"__metadata__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}',
  ])("leaves %s to the scanner", (text) => {
    expect(new CanonicalEntryMatcher(text).match(0)).toBeUndefined();
  });
});
