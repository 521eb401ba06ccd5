import { describe, expect, it } from "vitest";
import { layerLine } from "./layer-line.fixture.js";
import { linesAsText } from "./lines-as-text.js";

describe("linesAsText", () => {
  it("writes exact figures under their names, empty where there are none", () => {
    const statistics = {
      name: "a.weight",
      absMaximum: 1.25,
      rms: 0.5,
      std: 0.5,
      kurtosis: -0.1,
      outlierShare: 0.001,
      nanCount: 2,
      infiniteCount: 0,
      zeroCount: 0,
    };
    const lines = [
      layerLine({ name: "a.weight", label: "weight", shape: [2, 3], parameters: 6, bytes: 12, statistics }),
      layerLine({ kind: "module", label: "b", shape: [], parameters: 10_000_000, bytes: 7 }),
    ];
    const [head, first, second, end] = linesAsText(lines, (line) => line.statistics).split("\n");
    expect(head!.split("\t").slice(0, 5)).toEqual(["name", "storage", "shape", "parameters", "bytes"]);
    expect(first!.split("\t")).toEqual([
      "a.weight",
      "BF16",
      "2x3",
      "6",
      "12",
      "16",
      "16",
      "1.25",
      "0.5",
      "-0.1",
      "0.001",
      "2",
      "0",
    ]);
    expect(second!.split("\t").slice(0, 5)).toEqual(["b", "BF16", "", "10000000", "7"]);
    expect(end).toBe("");
  });

  it("keeps a hostile name within its field and out of the spreadsheet's formulas", () => {
    const text = linesAsText([layerLine({ name: "=cmd|' /c'!A1\tb\r\nc" })], () => undefined);
    expect(text.split("\n")).toHaveLength(3);
    expect(text.split("\n")[1]!.split("\t")[0]).toBe("'=cmd|' /c'!A1 b c");
  });
});
