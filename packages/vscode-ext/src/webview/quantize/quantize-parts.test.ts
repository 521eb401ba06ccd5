import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration } from "./forecast-view.js";
import { readKeepGlobs } from "./keep-globs.js";
import { isWholePath } from "./quantize-form.js";
import { parseQuantizeState } from "./quantize-state.js";
import { suggestedOutput } from "./suggested-output.js";

describe("parts of the quantize page", () => {
  it("suggests a name that every file system takes", () => {
    expect(suggestedOutput("SmolLM2-135M", "rtn", { bits: 4 })).toBe("SmolLM2-135M-rtn-4bit");
    expect(suggestedOutput("model.safetensors.index.json", "svid", {})).toBe("model-svid");
    expect(suggestedOutput("../../etc/pass wd\u0000.gguf", "rtn", { bits: 2 })).toBe("etc-pass-wd-rtn-2bit");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
        const output = suggestedOutput(name, "rtn", { bits: 3 });
        expect(output).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}._-]*-rtn-3bit$/u);
        expect(output.length).toBeLessThan(120);
      }),
    );
  });

  it("reads globs by line and comma", () => {
    expect(readKeepGlobs(" a*\n\n b ,a*,\r\nc")).toEqual(["a*", "b", "c"]);
    expect(readKeepGlobs(" \n,")).toEqual([]);
  });

  it.each([
    ["/tmp/out", true],
    ["C:\\out", true],
    ["c:/out", true],
    ["\\\\server\\share\\out", true],
    ["out", false],
    ["./out", false],
    ["~/out", false],
    ["", false],
  ])("tells whether %j is a whole path", (path, isWhole) => expect(isWholePath(path)).toBe(isWhole));

  it("tells durations in words", () => {
    expect([0.2, 12.4, 61, 3599, 5400].map(duration)).toEqual([
      "under a second",
      "12 s",
      "1 min",
      "1 h 0 min",
      "1 h 30 min",
    ]);
  });

  it("survives any kept state", () => {
    fc.assert(
      fc.property(fc.anything(), (kept) => {
        const { output, keep, force } = parseQuantizeState(kept);
        expect([typeof output, typeof keep, typeof force]).toEqual(["string", "string", "boolean"]);
      }),
    );
  });
});
