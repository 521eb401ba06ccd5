import { describe, expect, it } from "vitest";
import { LowbitError } from "../errors/index.js";
import { createReferenceBackend } from "./reference/reference-backend.js";
import { type BackendCandidate, selectBackend } from "./select-backend.js";

const REFERENCE: BackendCandidate = { name: "reference", create: createReferenceBackend };
const MISSING: BackendCandidate = {
  name: "native",
  create: () => {
    throw new LowbitError("backend/unavailable", "The native backend is not built.");
  },
};
const WASM: BackendCandidate = {
  name: "wasm",
  create: async () => ({ ...createReferenceBackend(), name: "wasm", isa: "simd128" }),
};

describe("selectBackend", () => {
  it("takes the first candidate that can be created and says why the better ones were not taken", async () => {
    const { backend, attempts } = await selectBackend([MISSING, WASM, REFERENCE]);
    expect(backend.name).toBe("wasm");
    expect(attempts).toEqual([
      { name: "native", taken: false, reason: "The native backend is not built." },
      { name: "wasm", taken: true },
    ]);
  });

  it("takes the wished one although a better one could run", async () => {
    const { backend, attempts } = await selectBackend([WASM, REFERENCE], "reference");
    expect(backend.name).toBe("reference");
    expect(attempts).toEqual([{ name: "reference", taken: true }]);
  });

  it("never falls back from a wish: names the reason and what to type", async () => {
    await expect(selectBackend([MISSING, WASM, REFERENCE], "native")).rejects.toMatchObject({
      code: "backend/unavailable",
      message: expect.stringMatching(/not built.*--backend wasm or --backend reference.*leave --backend out/),
    });
  });

  it("refuses a name that no candidate has", async () => {
    await expect(selectBackend([WASM, REFERENCE], "gpu")).rejects.toMatchObject({
      code: "backend/unavailable",
      facts: { asked: "gpu", allowed: ["wasm", "reference"] },
    });
  });

  it("skips backends that run on another instruction set, and closes them", async () => {
    let closed = 0;
    const native: BackendCandidate = {
      name: "native",
      create: () => ({ ...createReferenceBackend(), isa: "avx2", close: () => closed++ }),
    };
    const { backend, attempts } = await selectBackend([native, WASM], undefined, "simd128");
    expect(backend.isa).toBe("simd128");
    expect(closed).toBe(1);
    expect(attempts[0]?.reason).toMatch(/"avx2", not "simd128"/);
    await expect(selectBackend([native, WASM, REFERENCE], undefined, "avx1024")).rejects.toThrow(/unset LOWBIT_ISA/);
  });

  it("passes faults on that are not about availability", async () => {
    const broken: BackendCandidate = {
      name: "native",
      create: () => {
        throw new TypeError("bug");
      },
    };
    await expect(selectBackend([broken, REFERENCE])).rejects.toThrow(TypeError);
  });
});
