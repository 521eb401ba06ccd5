import { describe, expect, it } from "vitest";
import { parseWindow } from "./window-option.js";

describe("parseWindow", () => {
  it("reads where it begins and how much it takes, rows first", () => {
    expect(parseWindow("0:64,128:32")).toEqual({ row: 0, rows: 64, column: 128, columns: 32 });
  });

  it.each(["", "0:64", "0:64,128", "0:64,128:32,1", "-1:2,0:1", "0:0,0:1", "0:1,0:0", "0:1.5,0:1", "a:1,0:1"])(
    "refuses %j",
    (text) => {
      expect(() => parseWindow(text)).toThrow(/ROW:ROWS,COLUMN:COLUMNS/);
    },
  );
});
