import { describe, expect, it } from "vitest";
import { tabAfterKey } from "./tab-bar.js";

describe("tabAfterKey", () => {
  it.each([
    ["ArrowRight", 0, 1],
    ["ArrowRight", 5, 0],
    ["ArrowLeft", 0, 5],
    ["Home", 3, 0],
    ["End", 3, 5],
    ["Enter", 3, undefined],
    ["ArrowDown", 3, undefined],
  ])("%s at %i leads to %s", (key, index, next) => {
    expect(tabAfterKey(key, index, 6)).toBe(next);
  });
});
