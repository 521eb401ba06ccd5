import { describe, expect, it } from "vitest";
import { doneRow, modelQuality } from "./quality.fixture.js";
import { pageNotes, renderQuality } from "./render-quality.js";

const QUALITY = modelQuality([
  doneRow("rtn 4", 4.1, 21, 0.02),
  doneRow("gptq 4", 4.14, 20.5, 0.01),
  doneRow("target 4.1", 4.098, 20.4, 0.01, ["--target-bpw", "4.1"]),
  { name: "awq 4", arguments: ["--method", "awq"], status: "failed", code: "quantize/x", message: "a | b" },
]);

describe("renderQuality", () => {
  const page = renderQuality(
    [QUALITY],
    [{ group: "4 bits", better: "gptq 4", worse: "rtn 4", relation: "≤" }],
    (model) => `pictures/${model}.svg`,
  );

  it("has the command, the picture and a row for every setting", () => {
    expect(page).toContain("    lowbit bench quality --models tiny --text text.txt\n");
    expect(page).toContain("](pictures/tiny.svg)");
    expect(page).toContain("| `rtn 4` | 4.00 | 4.100 | 5.10 | 0.0200 | 21.000 ± 0.10 | 0.0100 | 1.50 s | 200 MB |");
    expect(page).toContain("| `awq` | failed: `quantize/x` |");
  });

  it("keeps notes", () => {
    const noted = renderQuality([], [], () => "", "\nWhy awq is worse here.\n");
    expect(pageNotes(noted)).toBe("\nWhy awq is worse here.\n");
    expect(pageNotes(page)).toBe("\n");
    expect(pageNotes("# Another page")).toBeUndefined();
  });

  it("says which orders hold", () => {
    expect(page).toContain("| 4 bits | gptq 4 ≤ rtn 4 | layer error | 0.0100 and 0.0200 | holds |");
    expect(page).toContain("2 of 2 hold.");
    expect(page).toContain("| 4.1 | 20.400 at 4.098 |");
  });
});
