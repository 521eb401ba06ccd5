import { describe, expect, it } from "vitest";
import { ConfigFields } from "./config-fields.js";

const fields = (json: unknown) => new ConfigFields("models/x", json);
const invalid = (field: string, found: string) =>
  expect.objectContaining({
    code: "model/config-field",
    facts: expect.objectContaining({ model: "models/x", field, found }),
  });

describe("ConfigFields", () => {
  it.each([null, [], "text", 3])("refuses %j as a config", (json) => {
    expect(() => fields(json)).toThrow(expect.objectContaining({ code: "model/config-json" }));
  });

  it.each([0, -1, 1.5, "8", 2 ** 24 + 1, Number.NaN, true])("refuses %j as a count", (value) => {
    expect(() => fields({ n: value }).count("n")).toThrow(expect.objectContaining({ code: "model/config-field" }));
  });

  it.each([0, -1, Number.POSITIVE_INFINITY, Number.NaN, "1"])("refuses %j as a positive number", (value) => {
    expect(() => fields({ n: value }).positive("n")).toThrow(expect.objectContaining({ code: "model/config-field" }));
  });

  it("names the field and what was found", () => {
    expect(() => fields({}).count("hidden_size")).toThrow(invalid("hidden_size", "missing"));
    expect(() => fields({ a: 1 }).boolean("a")).toThrow(invalid("a", "1"));
    expect(() => fields({ a: 1 }).text("a")).toThrow(invalid("a", "1"));
    expect(() =>
      fields({ rope: { factor: 0 } })
        .object("rope")!
        .positive("factor"),
    ).toThrow(invalid("rope.factor", "0"));
    expect(() => fields({ hidden_act: "mish" }).choice("hidden_act", { silu: 1, gelu: 2 })).toThrow(
      'models/x: "hidden_act" in config.json is "mish"; allowed: one of silu, gelu.',
    );
  });

  it("takes null for absent, except where it is asked", () => {
    const some = fields({ window: null });
    expect([some.has("window"), some.count("window", 7), some.isNull("window")]).toEqual([false, 7, true]);
    expect(fields({}).isNull("window")).toBe(false);
  });

  it("does not read what every object inherits", () => {
    expect(fields({}).has("constructor")).toBe(false);
    expect(() => fields({ act: "toString" }).choice("act", { silu: 1 })).toThrow(invalid("act", '"toString"'));
  });

  it("reads token ids, one or several", () => {
    const some = fields({ one: 2, many: [2, 4], beyond: 10, none: null });
    expect([some.tokens("one", 10), some.tokens("many", 10), some.tokens("none", 10)]).toEqual([[2], [2, 4], []]);
    expect(() => some.tokens("beyond", 10)).toThrow(invalid("beyond", "10"));
  });

  it("reads a list of known texts of one length", () => {
    const some = fields({ types: ["full", "full"] });
    expect(some.texts("types", 2, ["full"])).toEqual(["full", "full"]);
    expect(some.texts("absent", 2, ["full"])).toBeUndefined();
    expect(() => some.texts("types", 3, ["full"])).toThrow(invalid("types", '["full","full"]'));
    expect(() => some.texts("types", 2, ["sliding"])).toThrow(invalid("types", '["full","full"]'));
  });
});
