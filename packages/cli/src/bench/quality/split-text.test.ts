import { describe, expect, it } from "vitest";
import { splitText } from "./split-text.js";

describe("splitText", () => {
  it("cuts behind the last line end of the first 60 %", () => {
    expect(splitText("a\nb\nc\nd\ne\n")).toEqual({ calibration: "a\nb\nc\n", evaluation: "d\ne\n" });
  });

  it("cuts a text of one line at 60 %", () => {
    expect(splitText("0123456789")).toEqual({ calibration: "012345", evaluation: "6789" });
  });
});
