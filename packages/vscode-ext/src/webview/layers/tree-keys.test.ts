import { describe, expect, it } from "vitest";
import { type TreePosition, treeAction } from "./tree-keys.js";

const press = (key: string, held: Partial<Record<"shiftKey" | "ctrlKey" | "metaKey" | "altKey", boolean>> = {}) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});
const at = (change: Partial<TreePosition["at"] & object> = {}): TreePosition["at"] => ({
  kind: "weight",
  depth: 1,
  canUnfold: false,
  isUnfolded: false,
  ...change,
});
const position = (change: Partial<TreePosition> = {}): TreePosition => ({
  line: 5,
  lines: 100,
  pageLines: 20,
  at: at(),
  ...change,
});

describe("treeAction", () => {
  it.each([
    ["ArrowDown", 6],
    ["ArrowUp", 4],
    ["PageDown", 25],
    ["PageUp", 0],
    ["Home", 0],
    ["End", 99],
  ])("%s moves to line %i", (key, line) => {
    expect(treeAction(press(key), position())).toEqual({ kind: "move", line, extends: false });
  });

  it("stops at both ends", () => {
    expect(treeAction(press("ArrowDown"), position({ line: 99 }))).toEqual({ kind: "move", line: 99, extends: false });
    expect(treeAction(press("ArrowUp"), position({ line: 0 }))).toEqual({ kind: "move", line: 0, extends: false });
  });

  it("extends the selection with Shift", () => {
    expect(treeAction(press("ArrowDown", { shiftKey: true }), position())).toMatchObject({ line: 6, extends: true });
  });

  it("unfolds, then enters with the right arrow", () => {
    const folded = position({ at: at({ kind: "module", canUnfold: true }) });
    expect(treeAction(press("ArrowRight"), folded)).toEqual({ kind: "unfold" });
    const unfolded = position({ at: at({ kind: "module", canUnfold: true, isUnfolded: true }) });
    expect(treeAction(press("ArrowRight"), unfolded)).toMatchObject({ kind: "move", line: 6 });
    expect(treeAction(press("ArrowRight"), position())).toBeUndefined();
  });

  it("folds, then leaves with the left arrow", () => {
    const unfolded = position({ at: at({ kind: "module", canUnfold: true, isUnfolded: true }) });
    expect(treeAction(press("ArrowLeft"), unfolded)).toEqual({ kind: "fold" });
    expect(treeAction(press("ArrowLeft"), position())).toEqual({ kind: "parent" });
    expect(treeAction(press("ArrowLeft"), position({ at: at({ depth: 0 }) }))).toBeUndefined();
  });

  it("opens weights and parts with Enter, folds modules with it", () => {
    expect(treeAction(press("Enter"), position())).toEqual({ kind: "open" });
    expect(treeAction(press("Enter"), position({ at: at({ kind: "part" }) }))).toEqual({ kind: "open" });
    const quantized = position({ at: at({ canUnfold: true }) });
    expect(treeAction(press("Enter"), quantized)).toEqual({ kind: "open" });
    expect(treeAction(press(" "), quantized)).toEqual({ kind: "unfold" });
    const moduleLine = position({ at: at({ kind: "module", canUnfold: true, isUnfolded: true }) });
    expect(treeAction(press("Enter"), moduleLine)).toEqual({ kind: "fold" });
  });

  it("scrolls sideways with Shift, whatever the line is", () => {
    const unfolded = position({ at: at({ kind: "module", canUnfold: true, isUnfolded: true }) });
    expect(treeAction(press("ArrowLeft", { shiftKey: true }), unfolded)).toEqual({ kind: "scroll", direction: -1 });
    expect(treeAction(press("ArrowRight", { shiftKey: true }), unfolded)).toEqual({ kind: "scroll", direction: 1 });
  });

  it("copies and selects all", () => {
    expect(treeAction(press("c", { ctrlKey: true }), position())).toEqual({ kind: "copy" });
    expect(treeAction(press("C", { metaKey: true }), position())).toEqual({ kind: "copy" });
    expect(treeAction(press("a", { ctrlKey: true }), position())).toEqual({ kind: "select-all" });
  });

  it("leaves the editor's keys alone, and does nothing on a line that is not here", () => {
    expect(treeAction(press("ArrowDown", { altKey: true }), position())).toBeUndefined();
    expect(treeAction(press("p", { ctrlKey: true }), position())).toBeUndefined();
    expect(treeAction(press("Tab"), position())).toBeUndefined();
    expect(treeAction(press("Enter"), position({ at: undefined }))).toBeUndefined();
    expect(treeAction(press("ArrowDown"), position({ lines: 0 }))).toBeUndefined();
  });
});
