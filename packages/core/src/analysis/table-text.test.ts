import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tableText } from "./table-text.js";

describe("tableText", () => {
  it("is RFC 4180: texts in quotes, numbers with all digits, nothing for what is not known", () => {
    const rows = [
      ["a.weight", 0.1 + 0.2, true],
      ['say "x", =1+1', Number.NaN, undefined],
    ];
    expect(tableText(["name", "share", "decoded"], rows)).toBe(
      'name,share,decoded\r\n"a.weight",0.30000000000000004,true\r\n"say ""x"", =1+1",NaN,\r\n',
    );
  });

  it("is plain with tabs for the clipboard", () => {
    expect(tableText(["a", "b"], [['x"', 1]], "tsv")).toBe('a\tb\nx"\t1\n');
  });

  it("shows what would steer a terminal or end a line", () => {
    expect(tableText(["n"], [["a\u001b[2J\tb\r\n\u202ec"]], "tsv")).toBe(
      "n\na\\u001b[2J\\u0009b\\u000d\\u000a\\u202ec\n",
    );
  });

  it("has a line a row and a field a cell, whatever names hold", () => {
    const names = fc.array(fc.string({ unit: "binary" }), { minLength: 1 });
    fc.assert(
      fc.property(names, (texts) => {
        const lines = tableText(
          ["n", "i"],
          texts.map((text, index) => [text, index]),
        ).split("\r\n");
        expect(lines).toHaveLength(texts.length + 2);
        for (const [index, line] of lines.slice(1, -1).entries()) {
          expect(line).toMatch(new RegExp(`^"([^"]|"")*",${index}$`, "u"));
        }
      }),
    );
  });
});
