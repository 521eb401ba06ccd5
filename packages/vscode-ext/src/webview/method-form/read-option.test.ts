import { QUANTIZERS, resolveOptions } from "@lowbit/core/quantizers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OptionField } from "../../protocol/trial-messages.js";
import { METHOD_FORMS } from "./method-forms.fixture.js";
import { describeAllowed, readOption } from "./read-option.js";

const bits: OptionField = { name: "bits", kind: "integer", default: 4, minimum: 1, maximum: 8, help: "" };
const group: OptionField = { name: "group", kind: "group", default: 64, allows: ["group", "row"], help: "" };

const numberText = fc.oneof(
  fc.integer({ min: -3, max: 200 }).map(String),
  fc.double({ min: -10, max: 110, noNaN: true }).map(String),
);
const word = fc.constantFrom(
  "",
  " ",
  "row",
  "tensor",
  "true",
  "false",
  "1e",
  "0x4",
  "Infinity",
  "NaN",
  "٤",
  "4,5",
  "F16",
);

describe("readOption", () => {
  it.each([
    ["4", 4],
    [" 8 ", 8],
    ["1e0", 1],
  ])("reads %j as a whole number", (text, value) => expect(readOption(bits, text)).toEqual({ value }));

  it.each(["", "9", "0", "2.5", "four", "0x4", "NaN", "4 5"])("refuses %j and says what is allowed", (text) =>
    expect(readOption(bits, text).problem).toBe("Allowed: a whole number from 1 to 8."),
  );

  it("reads what shares a scale", () => {
    expect(readOption(group, "32")).toEqual({ value: 32 });
    expect(readOption(group, "row")).toEqual({ value: "row" });
    expect(readOption(group, "tensor").value).toBeUndefined();
    expect(readOption(group, "0").value).toBeUndefined();
    expect(readOption(group, "1e99").value).toBeUndefined();
  });

  it("takes and refuses what the engine takes and refuses, for every option of every method", () => {
    const anyOption = fc.constantFrom(
      ...METHOD_FORMS.flatMap((form) => form.options.map((field) => ({ form, field }))),
    );
    fc.assert(
      fc.property(anyOption, fc.oneof(numberText, word, fc.string({ maxLength: 6 })), ({ form, field }, text) => {
        const { value } = readOption(field, text);
        // Without `check`: options that exclude each other are the engine's to refuse.
        const { name, options } = QUANTIZERS[form.name]!;
        let resolved: unknown;
        try {
          resolved = (
            resolveOptions({ name, options: options as never }, { [field.name]: text.trim() }) as Record<
              string,
              unknown
            >
          )[field.name];
        } catch {
          resolved = undefined;
        }
        expect(value).toEqual(resolved);
      }),
      { numRuns: 2000 },
    );
  });

  it("has words for what every option takes", () => {
    for (const { options } of METHOD_FORMS)
      for (const field of options) expect(describeAllowed(field)).not.toMatch(/undefined|^$/);
  });
});
