import { expect, it } from "vitest";
import { columnAfterKey } from "./column-after-key.js";

it("walks by one and by ten, to the ends and not beyond", () => {
  expect(
    ["ArrowRight", "ArrowLeft", "PageDown", "PageUp", "Home", "End"].map((key) => columnAfterKey(key, 4, 30)),
  ).toEqual([5, 3, 14, 0, 0, 29]);
  expect(columnAfterKey("ArrowRight", 29, 30)).toBe(29);
  expect(columnAfterKey("Enter", 4, 30)).toBeUndefined();
});
