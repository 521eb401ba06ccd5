import { COMPILED_OPS, INSPECT_OPS, type KernelBackend, REFERENCE_OPS } from "@lowbit/core/backend";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createWasmBackend, WASM_VARIANTS } from "./index.js";
import { createWasmInspectBackend } from "./inspect.js";
import { loadVariant } from "./load-variant.js";
import { createWasmBackendOf } from "./modules.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("createWasmBackend", () => {
  it("takes the best variant that this host validates", async () => {
    const backend = await createWasmBackend();
    expect(backend.name).toBe("wasm");
    expect(backend.isa).toBe(WASM_VARIANTS[0]);
    expect(backend.threads).toBe(1);
  });

  it.each(WASM_VARIANTS)("takes %s when LOWBIT_ISA asks for it", async (variant) => {
    vi.stubEnv("LOWBIT_ISA", variant);
    expect((await createWasmBackend()).isa).toBe(variant);
  });

  it("refuses an instruction set that it does not have", async () => {
    await expect(createWasmBackend({ isa: "avx2" })).rejects.toMatchObject({
      code: "backend/unavailable",
      facts: { asked: "avx2", built: [...WASM_VARIANTS] },
    });
  });

  it("has a kernel for every op that has one", async () => {
    const borrowed = Object.keys(REFERENCE_OPS).filter((op) => !(op in COMPILED_OPS));
    expect([...(await createWasmBackend()).borrowedOps]).toEqual(borrowed);
  });

  it("keeps what buffers hold when it grows", async () => {
    const backend = await createWasmBackend();
    const first = backend.allocate(16);
    first.floats().set([1, 2, 3, 4]);
    backend.allocate(300 * 2 ** 20); // more than the memory starts with
    expect([...first.floats()]).toEqual([1, 2, 3, 4]);
    expect(first.bytes().byteOffset % 64).toBe(0);
  });
});

describe("createWasmBackend with initialBytes", () => {
  const PAGE = 65_536;
  const memoryBytes = (backend: KernelBackend) => backend.allocate(1).bytes().buffer.byteLength;

  it("starts with as many, in whole pages, at least 16 MiB", async () => {
    expect(memoryBytes(await createWasmBackend({ initialBytes: 300 * 2 ** 20 + 1 }))).toBe(300 * 2 ** 20 + PAGE);
    expect(memoryBytes(await createWasmBackend({ initialBytes: 0 }))).toBe(2 ** 24);
    expect(memoryBytes(await createWasmBackend())).toBe(2 ** 28);
  });

  it("keeps views of what fits", async () => {
    const backend = await createWasmBackend({ initialBytes: 300 * 2 ** 20 });
    const floats = backend.allocate(16).floats();
    floats.set([1, 2, 3, 4]);
    backend.allocate(280 * 2 ** 20);
    backend.addTo(Float32Array.of(1, 1, 1, 1), floats);
    expect([...floats]).toEqual([2, 3, 4, 5]);
  });

  it.each([-1, 0.5, 2 ** 32 + 1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", async (initialBytes) => {
    await expect(createWasmBackend({ initialBytes })).rejects.toMatchObject({
      code: "backend/memory-size",
      facts: { most: 2 ** 32 },
    });
  });

  it("takes no smaller size than was asked for", async () => {
    const Memory = vi.spyOn(WebAssembly, "Memory").mockImplementation(function refuse() {
      throw new RangeError("could not allocate memory");
    });
    await expect(createWasmBackend({ initialBytes: 2 ** 30 })).rejects.toMatchObject({
      code: "backend/out-of-memory",
      facts: { asked: 2 ** 30 },
    });
    expect(Memory).toHaveBeenCalledTimes(1);
    await expect(createWasmBackend()).rejects.toMatchObject({
      code: "backend/out-of-memory",
      facts: { asked: 2 ** 24 },
    });
    expect(Memory).toHaveBeenCalledTimes(1 + 3);
  });
});

describe("loadVariant", () => {
  const loaders = {
    simd128: () => import("./generated/all/simd128.js"),
    scalar: () => import("./generated/all/scalar.js"),
  };

  it("goes on to the next variant when the host does not validate one", async () => {
    const validate = vi.spyOn(WebAssembly, "validate").mockReturnValueOnce(false);
    expect((await loadVariant(loaders, undefined)).variant).toBe("scalar");
    expect(validate).toHaveBeenCalledTimes(2);
  });

  it("refuses when the host validates none, and never swaps one that was asked for", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const refusal = { code: "backend/unavailable" };
    await expect(loadVariant(loaders, undefined)).rejects.toMatchObject(refusal);
    await expect(loadVariant(loaders, "simd128")).rejects.toMatchObject({ ...refusal, facts: { tried: ["simd128"] } });
  });
});

describe("createWasmBackendOf", () => {
  const bytes = async (): Promise<Uint8Array> =>
    Uint8Array.from(Buffer.from((await import("./generated/all/simd128.js")).MODULE_BASE64, "base64"));

  it("takes modules as bytes, and loads none but the one it takes", async () => {
    const loaded: string[] = [];
    const backend = await createWasmBackendOf({
      simd128: () => {
        loaded.push("simd128");
        return bytes();
      },
      scalar: () => {
        loaded.push("scalar");
        return bytes();
      },
    });
    expect([backend.name, backend.isa, loaded]).toEqual(["wasm", "simd128", ["simd128"]]);
    const target = new Float32Array(1);
    backend.decodeFloats("BF16", Uint8Array.of(0x80, 0x3f), target);
    expect([...target]).toEqual([1]);
  });

  it("refuses bytes that are no module, and an empty set", async () => {
    const refusal = { code: "backend/unavailable" };
    await expect(createWasmBackendOf({ simd128: async () => new Uint8Array(8) })).rejects.toMatchObject(refusal);
    await expect(createWasmBackendOf({})).rejects.toMatchObject(refusal);
  });
});

describe("createWasmInspectBackend", () => {
  it("has kernels for looking at values and borrows the rest", async () => {
    const backend = await createWasmInspectBackend();
    const own = Object.keys(REFERENCE_OPS).filter((op) => !backend.borrowedOps.has(op as never));
    expect(own.sort()).toEqual(Object.keys(INSPECT_OPS).sort());
    const target = new Float32Array(2);
    expect(backend.decodeFloats("BF16", Uint8Array.of(0x80, 0x3f, 0x80, 0x7f), target)).toBe(1);
    expect([...target]).toEqual([1, Number.POSITIVE_INFINITY]);
  });
});
