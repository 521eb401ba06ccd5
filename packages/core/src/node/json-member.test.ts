import { describe, expect, it } from "vitest";
import { isJsonObject, jsonMember, withJsonMember } from "./json-member.js";

/** As a Python client writes it: floats that are whole, exponents, and constants that JSON does not have. */
const CONFIG = `{
  "dropout": 0.0,
  "layers": [{"a,}": "]\\"{"}, 1],
  "limit": [0.0, Infinity],
  "norm_eps": 1e-05
}
`;

describe("withJsonMember", () => {
  it("adds a member and keeps every other byte", () => {
    const changed = withJsonMember(CONFIG, "added", { bits: 4 });
    expect(changed).toBe(CONFIG.replace("1e-05\n", '1e-05,\n  "added": {\n    "bits": 4\n  }\n'));
    expect(withJsonMember(changed, "added", undefined)).toBe(CONFIG);
  });

  it("replaces a member wherever it stands, and every copy of it", () => {
    const text = '{"a": 1.0, "x": {"x": 2}, "b": 3e0, "x": []}';
    expect(withJsonMember(text, "x", undefined)).toBe('{\n  "a": 1.0,\n  "b": 3e0\n}');
    expect(JSON.parse(withJsonMember(text, "x", { y: 1 }))).toEqual({ a: 1, b: 3, x: { y: 1 } });
  });

  it("takes a text or a boolean as value", () => {
    const changed = withJsonMember('{"tie": true, "dtype": "bfloat16"}', "tie", false);
    expect(JSON.parse(withJsonMember(changed, "dtype", "float32"))).toEqual({ tie: false, dtype: "float32" });
  });

  it("leaves the text alone where there is nothing to remove", () => {
    for (const text of [CONFIG, "{}", ' {"a":{"quantization_config":1}}\n']) {
      expect(withJsonMember(text, "quantization_config", undefined)).toBe(text);
    }
  });

  it.each(["{}", "{ }", "{\n}\n", '{"a":"\\\\"}', '{"x":1}', '\t{\t"x"\t:\t[{}]\t}\t'])("%j stays JSON", (text) => {
    const parsed = JSON.parse(text) as object;
    expect(JSON.parse(withJsonMember(text, "x", { y: [1] }))).toEqual({ ...parsed, x: { y: [1] } });
    const { x: _, ...rest } = parsed as { x?: unknown };
    expect(JSON.parse(withJsonMember(text, "x", undefined))).toEqual(rest);
  });
});

describe("jsonMember", () => {
  it("reads one member, constants that JSON does not have as null", () => {
    expect(jsonMember(CONFIG, "limit")).toEqual([0, null]);
    expect(jsonMember(CONFIG, "layers")).toEqual([{ "a,}": ']"{' }, 1]);
    expect(jsonMember('{"x": "NaN", "a": {"x": 1}, "x": 2}', "x")).toBe(2);
    expect(jsonMember(CONFIG, "a,}")).toBeUndefined();
  });
});

describe("isJsonObject", () => {
  it.each([CONFIG, "{}", '{"a": [-Infinity, NaN, "NaN"]}'])("takes %j", (text) => {
    expect(isJsonObject(text)).toBe(true);
  });

  it.each([
    "",
    "[]",
    "null",
    "NaN",
    "{",
    '{"a": 1,}',
    "{a: 1}",
    '{"a": 1} {}',
    '{"a": InfinityNaN}',
    '{"a": 1Infinity}',
  ])("refuses %j", (text) => {
    expect(isJsonObject(text)).toBe(false);
  });
});
