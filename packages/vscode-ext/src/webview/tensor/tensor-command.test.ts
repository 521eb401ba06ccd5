import { describe, expect, it } from "vitest";
import { mapCommand, statsCommand } from "./tensor-command.js";

const MODEL = { name: "model.safetensors", shellPath: "'/my models/m'" };

describe("commands of the page Tensor", () => {
  it("name model, weight and rule", () => {
    expect(statsCommand(MODEL, "a.weight", { kind: "sigma", factor: 6 })).toBe(
      "lowbit stats '/my models/m' --tensor a.weight --outliers sigma:6",
    );
    expect(statsCommand({ name: "m x" }, "a.weight", { kind: "quantile", share: 0.99 })).toBe(
      "lowbit stats 'm x' --tensor a.weight --outliers quantile:0.99",
    );
  });

  it("draw what the map shows", () => {
    expect(mapCommand(MODEL, "a.weight", { shading: "sigma" })).toBe(
      "lowbit stats '/my models/m' --outlier-map a.weight --png map.png",
    );
    const window = { row: 0, rows: 64, column: 128, columns: 32 };
    expect(mapCommand(MODEL, "a.weight", { shading: "error", window, against: "/o'brien" })).toBe(
      "lowbit stats '/my models/m' --outlier-map a.weight --png map.png --window 0:64,128:32 --quantity error --against '/o'\\''brien'",
    );
  });

  it("quote names of untrusted files", () => {
    expect(statsCommand(MODEL, "$(rm -rf ~)`x`\n", { kind: "absolute", threshold: 1 })).toContain("'$(rm -rf ~)`x`\n'");
  });
});
