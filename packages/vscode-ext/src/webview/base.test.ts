// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SHEET = readFileSync(join(import.meta.dirname, "base.css"), "utf8");

let style: HTMLStyleElement;

const styleOf = (selector: string): CSSStyleDeclaration =>
  getComputedStyle(document.querySelector(selector) as HTMLElement);

// What follows from it, that no focus scrolls the document, is tested in a browser: e2e/pages.e2e.test.ts.
describe("the style sheet of all pages", () => {
  beforeEach(() => {
    style = document.head.appendChild(document.createElement("style"));
    style.textContent = SHEET;
    document.body.innerHTML = `<div class="app"><main class="app-main"><div class="app-panel">
      <div class="page"><p class="visually-hidden"></p></div></div></main>
      <main class="plain-frame"></main></div><div class="visually-hidden"></div>`;
  });
  afterEach(() => {
    style.remove();
    document.body.replaceChildren();
  });

  it("lets nothing reach over the edge of the document that a focus could scroll to", () => {
    for (const frame of ["body", ".app"]) {
      const { overflow, position } = styleOf(frame);
      expect({ frame, overflow, position }).toEqual({ frame, overflow: "clip", position: "relative" });
    }
    // With both "visible" or both of the window, the body's would not be its own.
    expect(styleOf("html").overflow).toBe("hidden");
  });

  it.each([".page", ".plain-frame"])("makes %s hold and scroll its hidden texts", (scroller) => {
    expect(styleOf(".page .visually-hidden").position).toBe("absolute");
    const { overflow, position } = styleOf(scroller);
    expect({ overflow, position }).toEqual({ overflow: "auto", position: "relative" });
  });
});
