// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { drawKeepingFocus } from "./keep-focus.js";

let container: HTMLElement;
const button = (id: string): HTMLButtonElement => container.querySelector(`#${id}`)!;

describe("drawKeepingFocus", () => {
  beforeEach(() => {
    container = document.createElement("div");
    container.innerHTML = "<p id=box><button id=one></button></p><button id=two></button>";
    document.body.replaceChildren(container);
    button("one").focus();
  });

  it.each<[string, () => void]>([
    ["gone", () => button("one").remove()],
    ["disabled", () => button("one").setAttribute("disabled", "")],
    ["hidden", () => button("one").setAttribute("hidden", "")],
    ["inside of something inert", () => button("box").setAttribute("inert", "")],
  ])("moves the focus on where its element is %s", (_how, draw) => {
    drawKeepingFocus(container, draw, () => button("two"));
    expect(document.activeElement).toBe(button("two"));
  });

  it("leaves a focus that is still good, and one that was elsewhere", () => {
    drawKeepingFocus(
      container,
      () => {},
      () => button("two"),
    );
    expect(document.activeElement).toBe(button("one"));
    button("one").blur();
    drawKeepingFocus(
      container,
      () => button("one").remove(),
      () => button("two"),
    );
    expect(document.activeElement).toBe(document.body);
  });
});
