import { describe, expect, it } from "vitest";
import { type MapGestures, mapKey, steppedCell } from "./map-gestures.js";

function record(): { readonly did: unknown[]; readonly gestures: MapGestures } {
  const did: unknown[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]): void => {
      did.push([name, ...args]);
    };
  return {
    did,
    gestures: {
      zoom: note("zoom"),
      showWhole: note("whole"),
      pan: note("pan"),
      step: note("step"),
      stepTo: note("stepTo"),
      place: note("place"),
      hover: note("hover"),
      tell: note("tell"),
    },
  };
}

const NO_KEYS = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

describe("mapKey", () => {
  it.each([
    ["ArrowDown", {}, ["step", 1, 0]],
    ["ArrowLeft", {}, ["step", 0, -1]],
    ["ArrowRight", { shiftKey: true }, ["pan", { x: 0.25, y: 0 }]],
    ["ArrowUp", { shiftKey: true }, ["pan", { x: 0, y: -0.25 }]],
    ["+", { shiftKey: true }, ["zoom", 2]],
    ["=", {}, ["zoom", 2]],
    ["-", {}, ["zoom", 0.5]],
    ["0", {}, ["whole"]],
    ["PageDown", {}, ["pan", { x: 0, y: 1 }]],
    ["Home", {}, ["stepTo", "row-begin"]],
    ["End", { ctrlKey: true }, ["stepTo", "matrix-end"]],
    ["Enter", {}, ["tell"]],
  ])("%s %j", (key, keys, expected) => {
    const { did, gestures } = record();
    expect(mapKey({ key, ...NO_KEYS, ...keys }, gestures)).toBe(true);
    expect(did).toEqual([expected]);
  });

  it("leaves the editor's keys alone", () => {
    const { did, gestures } = record();
    for (const key of ["+", "-", "0", "="]) expect(mapKey({ key, ...NO_KEYS, ctrlKey: true }, gestures)).toBe(false);
    for (const key of ["Tab", "Escape", "a", "F1"]) expect(mapKey({ key, ...NO_KEYS }, gestures)).toBe(false);
    expect(mapKey({ key: "ArrowLeft", ...NO_KEYS, altKey: true }, gestures)).toBe(false);
    expect(did).toEqual([]);
  });
});

describe("steppedCell", () => {
  const viewport = { row: 100, rows: 50, column: 10, columns: 20 };
  const size = { rows: 1000, columns: 30 };

  it("begins in the middle of what is shown", () => {
    expect(steppedCell(undefined, viewport, { down: 0, across: 1 }, { rows: 1, columns: 1 }, size)).toEqual({
      row: 125,
      column: 20,
    });
  });

  it("steps over tiles and stops at the borders", () => {
    const tile = { rows: 8, columns: 4 };
    expect(steppedCell({ row: 100, column: 10 }, viewport, { down: 1, across: 0 }, tile, size)).toEqual({
      row: 108,
      column: 10,
    });
    expect(steppedCell({ row: 3, column: 28 }, viewport, { down: -1, across: 1 }, tile, size)).toEqual({
      row: 0,
      column: 29,
    });
  });
});
