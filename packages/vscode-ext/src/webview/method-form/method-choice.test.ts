import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  choiceOf,
  defaultChoice,
  describeSetting,
  isSameSetting,
  type MethodChoice,
  optionText,
  parseChoice,
  readChoice,
  withMethod,
  withOption,
} from "./method-choice.js";
import { METHOD_FORMS } from "./method-forms.fixture.js";

const form = (name: string): (typeof METHOD_FORMS)[number] => METHOD_FORMS.find((each) => each.name === name)!;
const field = (method: string, name: string): (typeof METHOD_FORMS)[number]["options"][number] =>
  form(method).options.find((each) => each.name === name)!;
const rtn: MethodChoice = { method: "rtn", texts: {} };

describe("a choice of method and options", () => {
  it("begins with the defaults of the first method", () => {
    const choice = defaultChoice(METHOD_FORMS)!;
    expect(choice).toEqual({ method: METHOD_FORMS[0]!.name, texts: {} });
    expect(defaultChoice([])).toBeUndefined();
  });

  it("reads the defaults of every method without a problem", () => {
    for (const each of METHOD_FORMS) {
      const { options } = readChoice(each, { method: each.name, texts: {} });
      expect(options).toEqual(Object.fromEntries(each.options.map(({ name, default: preset }) => [name, preset])));
    }
  });

  it("keeps half-typed numbers as text, and names their problem", () => {
    const choice = withOption(rtn, field("rtn", "bits"), "");
    expect(optionText(field("rtn", "bits"), choice)).toBe("");
    expect(Object.keys(readChoice(form("rtn"), choice).problems ?? {})).toEqual(["bits"]);
  });

  it("forgets a text that is the default", () => {
    const changed = withOption(rtn, field("rtn", "bits"), "3");
    expect(changed.texts).toEqual({ bits: "3" });
    expect(withOption(changed, field("rtn", "bits"), String(field("rtn", "bits").default)).texts).toEqual({});
  });

  it("carries options over to another method that has and takes them", () => {
    const choice: MethodChoice = { method: "rtn", texts: { bits: "3", group: "32", zero: "float", shrink: "7" } };
    const { texts } = withMethod(choice, form("hqq"));
    expect(texts).toMatchObject({ bits: "3", group: "32" });
    for (const name of Object.keys(texts)) expect(form("hqq").options.map((each) => each.name)).toContain(name);
    expect(withMethod({ method: "rtn", texts: { bits: "77" } }, form("hqq")).texts).toEqual({});
  });

  it("comes back from its values, for any texts", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...METHOD_FORMS),
        fc.dictionary(
          fc.constantFrom("bits", "group", "iterations", "scaleDtype"),
          fc.constantFrom("1", "2", "3", "row", "BF16"),
        ),
        (each, texts) => {
          const { options } = readChoice(each, { method: each.name, texts });
          if (options === undefined) return;
          expect(readChoice(each, choiceOf(each, options)).options).toEqual(options);
        },
      ),
    );
  });

  it("survives any kept state", () => {
    expect(parseChoice({ method: "rtn", texts: { bits: "4", group: 7, zero: null } })).toEqual({
      method: "rtn",
      texts: { bits: "4" },
    });
    fc.assert(
      fc.property(fc.anything(), (kept) => {
        const choice = parseChoice(kept);
        if (choice === undefined) return;
        expect(typeof choice.method).toBe("string");
        for (const text of Object.values(choice.texts)) expect(typeof text).toBe("string");
      }),
    );
  });

  it("is named by bits, group and what is not the default", () => {
    expect(
      describeSetting(form("rtn"), "rtn", { ...readChoice(form("rtn"), rtn).options!, bits: 3, zero: "float" }),
    ).toMatch(/^rtn, 3 bits, .*group .*zero float/);
    expect(describeSetting(undefined, "gone", {})).toBe("gone");
  });

  it("knows equal settings whatever the order of options", () => {
    const one = { method: "rtn", options: { bits: 4, group: 32 } };
    expect(isSameSetting(one, { method: "rtn", options: { group: 32, bits: 4 } })).toBe(true);
    expect(isSameSetting(one, { method: "rtn", options: { group: 32, bits: 3 } })).toBe(false);
    expect(isSameSetting(one, { method: "hqq", options: one.options })).toBe(false);
    expect(isSameSetting(one, { method: "rtn", options: { bits: 4 } })).toBe(false);
  });
});
