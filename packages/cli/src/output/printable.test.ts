import { stripVTControlCharacters, styleText } from "node:util";
import { describe, expect, it } from "vitest";
import { printable } from "./printable.js";
import { renderTable } from "./table.js";

describe("printable", () => {
  it.each([
    ["a\nb", "a\\u000ab"],
    ["\u001b]0;title\u0007", "\\u001b]0;title\\u0007"],
    ["\u001b[8mhidden", "\\u001b[8mhidden"],
    ["\u001b[2Jcleared", "\\u001b[2Jcleared"],
    ["\u009b2J", "\\u009b2J"],
    ["\u007f", "\\u007f"],
    ["w\u202ethgiew", "w\\u202ethgiew"],
    ["层.0.é.\u{1f9e0}", "层.0.é.\u{1f9e0}"],
  ])("shows %j harmlessly", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("keeps what paint adds", () => {
    for (const style of ["bold", "dim", "red", "green", "yellow"] as const) {
      const painted = styleText(style, "text", { validateStream: false });
      expect(painted).not.toBe("text");
      expect(printable(painted)).toBe(painted);
    }
  });

  it("covers every cell of a table, which keeps one line a row", () => {
    const table = renderTable(
      [{ title: "name" }, { title: "bytes" }],
      [
        ["a\nb\u001b[2J", "1"],
        ["c", "2"],
      ],
    );
    expect(stripVTControlCharacters(table).split("\n")).toEqual([
      "name               bytes",
      "a\\u000ab\\u001b[2J  1",
      "c                  2",
    ]);
  });
});
