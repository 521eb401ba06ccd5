import { QUANTIZERS } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import { METHODS } from "../method-table.js";
import { candidateNeeds, resolveCandidates } from "./candidate.js";
import { DEFAULT_CANDIDATES } from "./default-candidates.js";

const thrown = (code: string) => expect.objectContaining({ code });

describe("resolveCandidates", () => {
  it("writes them as rules are written, each once", () => {
    const found = resolveCandidates(
      [
        { method: "rtn", options: { bits: 3, group: 64 } },
        { method: "svid", options: {} },
        { method: "rtn", options: { bits: 3, group: 64 } },
      ],
      QUANTIZERS,
    );
    expect(found.map(({ label }) => label)).toEqual(["rtn:bits=3,group=64", "svid"]);
    expect(found[0]!.choice.options).toMatchObject({ bits: 3, group: 64, zero: "integer" });
  });

  it("refuses an empty list, unknown methods and wrong options", () => {
    expect(() => resolveCandidates([], QUANTIZERS)).toThrow(thrown("quantize/no-candidates"));
    expect(() => resolveCandidates([{ method: "none", options: {} }], QUANTIZERS)).toThrow(
      thrown("options/unknown-method"),
    );
    expect(() => resolveCandidates([{ method: "rtn", options: { bits: 9 } }], QUANTIZERS)).toThrow(
      thrown("options/invalid-value"),
    );
  });
});

describe("DEFAULT_CANDIDATES", () => {
  const candidates = resolveCandidates(DEFAULT_CANDIDATES, METHODS);

  it("need a Hessian at most", () => {
    expect(new Set(candidates.flatMap(candidateNeeds))).toEqual(new Set(["hessian"]));
  });

  it("store bits that follow from shape and options, from 1.1 to 8.1", () => {
    const shape = { rows: 256, columns: 512 };
    const bits = candidates.map(({ choice: { method, options } }) => method.claimedBitsPerWeight(shape, options));
    expect(Math.min(...bits)).toBeLessThan(1.2);
    expect(Math.max(...bits)).toBeGreaterThanOrEqual(8);
  });
});
