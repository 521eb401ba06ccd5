import { describe, expect, it } from "vitest";
import { visibleText } from "./visible-text.js";

describe("visibleText", () => {
  it("shows what would not be seen or would change how the rest is seen", () => {
    expect(visibleText("a\nb\u0000c\u001b[31m")).toBe("a\\x0ab\\x00c\\x1b[31m");
    expect(visibleText("\u202egpj.exe\u2066\u200b\u2028\ud800")).toBe("\\u202egpj.exe\\u2066\\u200b\\u2028\\ud800");
  });

  it("leaves letters of every script, marks and emoji", () => {
    const text = "слой-層-Größe-é-🙂 <b>&amp;</b>";
    expect(visibleText(text)).toBe(text);
  });

  it("cuts long text in the middle", () => {
    const text = `${"a".repeat(500)}.weight`;
    const shown = visibleText(text, 100);
    expect(shown).toHaveLength(100);
    expect(shown).toContain("…");
    expect(shown.endsWith("a.weight")).toBe(true);
    expect(visibleText("a".repeat(100), 100)).toBe("a".repeat(100));
  });
});
