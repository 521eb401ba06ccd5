import { describe, expect, it } from "vitest";
import { checkRequest } from "./check-request.js";
import { REQUEST_NAMES, VALID_PARAMS } from "./request-examples.fixture.js";
import type { RequestName } from "./request-map.js";
import { REQUEST_SCHEMAS } from "./request-schemas.js";

function codeOf(name: unknown, params: unknown): string {
  const checked = checkRequest(name, params);
  return checked.isValid ? "valid" : checked.failure.code;
}

/** The valid params of a request with something else in one place. */
function altered(name: RequestName, change: Readonly<Record<string, unknown>>): unknown {
  return { ...(VALID_PARAMS[name] as object), ...change };
}

describe("checkRequest", () => {
  it("knows every request of the table", () => {
    expect(Object.keys(REQUEST_SCHEMAS).sort()).toEqual([...REQUEST_NAMES].sort());
  });

  it.each(REQUEST_NAMES)("%s: lets valid params through unchanged", (name) => {
    const checked = checkRequest(name, VALID_PARAMS[name]);
    expect(checked).toEqual({ isValid: true, name, params: VALID_PARAMS[name] });
  });

  it.each(REQUEST_NAMES)("%s: refuses what is no object, and what it does not know", (name) => {
    for (const params of [undefined, null, 3, "text", () => {}, altered(name, { unknown: 1 })])
      expect(codeOf(name, params)).toBe("protocol/invalid-params");
  });

  it.each(REQUEST_NAMES.filter((name) => Object.keys(VALID_PARAMS[name]).length > 0))(
    "%s: refuses a wrong type in every place",
    (name) => {
      for (const key of Object.keys(VALID_PARAMS[name]))
        expect(codeOf(name, altered(name, { [key]: Symbol("no") })), key).toBe("protocol/invalid-params");
    },
  );

  it.each(["", "model/none", "__proto__", "constructor", "toString", undefined, 7, {}, ["model/overview"]])(
    "refuses the name %o",
    (name) => {
      expect(codeOf(name, {})).toBe("protocol/unknown-request");
    },
  );

  it.each<[RequestName, Readonly<Record<string, unknown>>]>([
    ["tensor/distribution", { bins: 4097 }],
    ["tensor/distribution", { bins: 0 }],
    ["tensor/distribution", { bins: 1.5 }],
    ["tensor/distribution", { levelsAt: { row: -1, column: 0 } }],
    ["tensor/distribution", { rule: { kind: "quantile", share: 1.1 } }],
    ["tensor/distribution", { rule: { kind: "sigma", factor: Number.NaN } }],
    ["tensor/map", { maxWidth: 2049 }],
    ["tensor/map", { maxHeight: Number.POSITIVE_INFINITY }],
    ["tensor/map", { threshold: Number.NaN }],
    ["tensor/map", { window: { row: 0, rows: 0, column: 0, columns: 1 } }],
    ["tensor/map", { window: { row: 2 ** 60, rows: 1, column: 0, columns: 1 } }],
    ["tensor/map", { side: { kind: "trial" } }],
    ["tensor/map", { side: { kind: "other" } }],
    ["tensor/values", { window: { row: 0, rows: 257, column: 0, columns: 1 } }],
    ["tensor/values", { window: { row: 0, rows: 1, column: 0, columns: 257 } }],
    ["tensor/facts", { name: "x".repeat(4097) }],
    ["tensor/facts", { name: "" }],
    ["layers/statistics", { names: Array.from({ length: 10_001 }, () => "w") }],
    ["layers/statistics", { names: "none" }],
    ["layers/window", { begin: 5, end: 4 }],
    ["layers/window", { begin: 0, end: 10_001 }],
    ["layers/window", { begin: -1 }],
    ["layers/window", { unfolded: Array.from({ length: 10_001 }, () => "m") }],
    ["layers/window", { sort: "__proto__" }],
    ["compare/weights", { begin: 3, end: 2 }],
    ["trial/run", { options: { bits: Number.NaN } }],
    ["trial/run", { options: { bits: { nested: 1 } } }],
    ["trial/run", { options: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`o${i}`, 1])) }],
    ["host/quantize", { output: "" }],
    ["host/save", { fileName: "../../etc/passwd" }],
    ["host/save", { fileName: "a\\b" }],
    ["host/save", { content: [1, 2, 3] }],
  ])("%s: refuses %o", (name, change) => {
    expect(codeOf(name, altered(name, change))).toBe("protocol/invalid-params");
  });

  it("names the request and the place, in few words", () => {
    const checked = checkRequest("tensor/map", altered("tensor/map", { maxWidth: 1e6 }));
    if (checked.isValid) throw new Error("expected a refusal");
    expect(checked.failure.message).toMatch(/^tensor\/map: maxWidth: /);
    const unknown = checkRequest("x".repeat(10_000), {});
    expect(unknown.isValid ? 0 : unknown.failure.message.length).toBeLessThan(200);
  });
});
