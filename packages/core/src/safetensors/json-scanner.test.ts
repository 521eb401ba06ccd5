import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LowbitError } from "../errors/index.js";
import { JsonScanner } from "./json-scanner.js";

const encoder = new TextEncoder();

function scannerOf(text: string): JsonScanner {
  const bytes = encoder.encode(text);
  return new JsonScanner(bytes, 0, {
    ...(bytes.length === text.length ? { asciiText: text } : {}),
    fail: (reason, position) => new LowbitError("safetensors/header-json", reason, { position }),
  });
}

function accepts(text: string): boolean {
  const scanner = scannerOf(text);
  try {
    scanner.skipValue();
    return scanner.peek() < 0;
  } catch {
    return false;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("JsonScanner", () => {
  it("accepts every text that JSON.stringify makes", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => accepts(text)));
  });

  it("agrees with JSON.parse on damaged texts", () => {
    const damaged = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom(...'{}[],:"\\0123456789-+.eEtrufalsn \t/', ""))
      .map(
        ([text, at, change]) =>
          text.slice(0, at % (text.length + 1)) + change + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(damaged, (text) => {
        expect([text, accepts(text)]).toEqual([text, parses(text)]);
      }),
      { numRuns: 2000 },
    );
  });

  it("reads the strings that JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (value) => {
        expect(scannerOf(` ${JSON.stringify(value)}`).readString()).toBe(value);
        const escaped = `"${[...value].map((c) => [...c].map((u) => unicodeEscape(u)).join("")).join("")}"`;
        expect(scannerOf(escaped).readString()).toBe(value);
      }),
    );
  });

  it.each([
    ["0 ", 0],
    ["7,", 7],
    ["9007199254740991]", 2 ** 53 - 1],
    ["9007199254740992]", undefined],
    ["123456789012345678901234567890]", undefined],
    ["-1]", undefined],
    ["-0]", undefined],
    ["1.0]", undefined],
    ["1e3]", undefined],
    ["1E-3]", undefined],
    ['"1"]', undefined],
    ["null]", undefined],
    ["{}]", undefined],
  ])("readCount of %s is %s", (text, count) => {
    expect(scannerOf(text).readCount()).toBe(count);
  });

  it.each(["01", "1.", ".5", "1e", "+1", "--1", "0x1", "1 2"])("refuses the number %s", (text) => {
    expect(accepts(text)).toBe(false);
  });

  it("refuses nesting deeper than 128, at any length, without filling the stack", () => {
    expect(accepts("[".repeat(128) + "]".repeat(128))).toBe(true);
    expect(accepts("[".repeat(130) + "]".repeat(130))).toBe(false);
    expect(accepts('{"a":'.repeat(1_000_000))).toBe(false);
  });
});

function unicodeEscape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
