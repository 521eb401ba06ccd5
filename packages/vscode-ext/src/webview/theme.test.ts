// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { readTheme, watchTheme } from "./theme.js";

afterEach(() => {
  document.body.className = "";
  document.documentElement.removeAttribute("style");
});

describe("readTheme", () => {
  it.each([
    ["vscode-dark", "dark", false],
    ["vscode-light", "light", false],
    ["vscode-high-contrast", "dark", true],
    ["vscode-high-contrast-light vscode-high-contrast", "light", true],
  ])("%s is %s, high contrast %s", (className, kind, isHighContrast) => {
    document.body.className = className;
    expect(readTheme(document.body)).toMatchObject({ kind, isHighContrast });
  });

  it("knows reduced motion, and falls back where the theme has no colour", () => {
    document.body.className = "vscode-dark vscode-reduce-motion";
    const theme = readTheme(document.body);
    expect(theme.reducesMotion).toBe(true);
    expect(theme.color("--vscode-no-such-color", "#123456")).toBe("#123456");
  });
});

describe("watchTheme", () => {
  it("tells once for several changes, and no more when stopped", async () => {
    const onChange = vi.fn();
    const stop = watchTheme(document.body, onChange);
    document.body.className = "vscode-light";
    document.documentElement.setAttribute("style", "--vscode-foreground: #000");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(onChange).toHaveBeenCalled();
    expect(onChange.mock.lastCall![0]).toMatchObject({ kind: "light" });
    const calls = onChange.mock.calls.length;
    expect(calls).toBeLessThanOrEqual(2);
    stop();
    document.body.className = "vscode-dark";
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(onChange).toHaveBeenCalledTimes(calls);
  });
});
