// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { applyWidths, readWidths, widened, wideningOfKey } from "./column-widths.js";

function gridWith(widths: Readonly<Record<string, number>>): HTMLElement {
  const grid = document.createElement("div");
  const row = grid.appendChild(document.createElement("div"));
  row.className = "layers-headings";
  for (const [column, offsetWidth] of Object.entries(widths)) {
    const heading = row.appendChild(document.createElement("div"));
    heading.dataset["column"] = column;
    Object.defineProperty(heading, "offsetWidth", { value: offsetWidth });
  }
  return grid;
}

describe("column widths", () => {
  it("starts from what is on the screen, and stays between 40 and 2000 pixels", () => {
    const grid = gridWith({ name: 300, rms: 76 });
    expect(widened(grid, "name", 16)).toEqual({ name: 316, rms: 76 });
    expect(widened(grid, "rms", -60)).toEqual({ name: 300, rms: 40 });
    expect(widened(grid, "name", 9000)).toEqual({ name: 2000, rms: 76 });
  });

  it("are properties of the grid, with the width of a row, and go again", () => {
    const grid = gridWith({ name: 300, rms: 76 });
    applyWidths(grid, { name: 320, rms: 80, "color: red": 7 });
    const property = (name: string): string => grid.style.getPropertyValue(name);
    expect([property("--layers-name"), property("--layers-rms"), property("--layers-row")]).toEqual([
      "0 0 320px",
      "0 0 80px",
      "400px",
    ]);
    applyWidths(grid, undefined);
    expect([property("--layers-name"), property("--layers-row")]).toEqual(["", ""]);
  });

  it("follow Shift with left and right", () => {
    expect(wideningOfKey({ key: "ArrowRight", shiftKey: true })).toBe(16);
    expect(wideningOfKey({ key: "ArrowLeft", shiftKey: true })).toBe(-16);
    expect(wideningOfKey({ key: "ArrowRight", shiftKey: false })).toBe(0);
    expect(wideningOfKey({ key: "Home", shiftKey: true })).toBe(0);
  });

  it("are read from what was kept, whatever it is", () => {
    expect(readWidths({ name: 300, rms: 1, shape: "wide", bytes: Number.NaN })).toEqual({ name: 300, rms: 40 });
    for (const kept of [undefined, null, 7, {}, { name: "x" }, []]) expect(readWidths(kept)).toBeUndefined();
  });
});
