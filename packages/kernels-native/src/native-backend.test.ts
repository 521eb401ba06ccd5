import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { COMPILED_OPS, REFERENCE_OPS } from "@lowbit/core/backend";
import { afterEach, describe, expect, it, vi } from "vitest";
import { chooseInstructionSet } from "./choose-instruction-set.js";
import { createNativeBackend, describeNativeBuild } from "./index.js";
import { bindingPath, loadBinding } from "./load-binding.js";
import { NativeKernelCaller } from "./native-kernel-caller.js";

afterEach(() => vi.unstubAllEnvs());

const unavailable = (message: RegExp) =>
  expect.objectContaining({ code: "backend/unavailable", message: expect.stringMatching(message) });

describe("loadBinding", () => {
  it("says which file it looked for when there is no build", () => {
    expect(() => loadBinding("/nowhere/lowbit_kernels.node")).toThrow(
      unavailable(/not built for .*\/nowhere\/lowbit_kernels\.node.*pnpm build/),
    );
  });

  it("says what the system answered when the file does not load", () => {
    const folder = mkdtempSync(join(tmpdir(), "lowbit-native-"));
    const path = join(folder, "lowbit_kernels.node");
    writeFileSync(path, "not a shared library");
    expect(() => loadBinding(path)).toThrow(unavailable(/does not load it .*lowbit_kernels\.node/));
    rmSync(folder, { recursive: true });
  });
});

describe("chooseInstructionSet", () => {
  const SETS = [
    { name: "avx512", needs: "AVX-512 F", runs: false },
    { name: "avx2", needs: "AVX2", runs: true },
    { name: "scalar", needs: "any x86-64", runs: true },
  ];

  it("takes the first that runs, or the one asked for", () => {
    expect(chooseInstructionSet(SETS, undefined)).toBe("avx2");
    expect(chooseInstructionSet(SETS, "scalar")).toBe("scalar");
  });

  it("says why the one asked for cannot be had, and which can", () => {
    expect(() => chooseInstructionSet(SETS, "avx512")).toThrow(
      unavailable(/"avx512" needs AVX-512 F, which this CPU lacks; this CPU runs avx2, scalar/),
    );
    expect(() => chooseInstructionSet(SETS, "neon")).toThrow(unavailable(/not one of the native build/));
    expect(() => chooseInstructionSet([SETS[0]!], undefined)).toThrow(unavailable(/No instruction set/));
  });
});

describe("createNativeBackend", () => {
  it("takes the best instruction set and obeys LOWBIT_ISA", () => {
    const best = describeNativeBuild().instructionSets.find(({ runs }) => runs)!.name;
    const backend = createNativeBackend({ threads: 1 });
    expect([backend.name, backend.isa, backend.threads]).toEqual(["native", best, 1]);
    backend.close();
    vi.stubEnv("LOWBIT_ISA", "scalar");
    expect(createNativeBackend({ threads: 1 }).isa).toBe("scalar");
  });

  it.each([0, 1.5, 257, Number.NaN])("refuses %d threads", (threads) => {
    expect(() => createNativeBackend({ threads })).toThrow(expect.objectContaining({ code: "backend/threads" }));
  });

  it("has a kernel for every op that has one", () => {
    const borrowed = Object.keys(REFERENCE_OPS).filter((op) => !(op in COMPILED_OPS));
    expect([...createNativeBackend({ threads: 1 }).borrowedOps]).toEqual(borrowed);
  });

  it("refuses work after close", () => {
    const backend = createNativeBackend({ threads: 2 });
    backend.close();
    const decode = () => backend.decodeFloats("F16", new Uint8Array(2), new Float32Array(1));
    expect(decode).toThrow(expect.objectContaining({ code: "backend/kernel-call" }));
  });

  it("gives every row to exactly one thread, call after call", () => {
    const backend = createNativeBackend({ threads: 4 });
    const source = new Uint8Array(new Uint16Array(400_000).fill(0x3f80).buffer);
    const target = new Float32Array(400_000);
    for (let round = 0; round < 20; round++) {
      target.fill(0);
      expect(backend.decodeFloats("BF16", source, target)).toBe(0);
      expect(target.every((value) => value === 1)).toBe(true);
    }
    backend.close();
  });

  it("reads arrays of shared memory in place", () => {
    const backend = createNativeBackend({ threads: 1 });
    const source = new Uint8Array(new SharedArrayBuffer(4));
    source.set([0x00, 0x3c, 0x00, 0x7c]);
    const target = new Float32Array(new SharedArrayBuffer(8));
    expect(backend.decodeFloats("F16", source, target)).toBe(1);
    expect([...target]).toEqual([1, Number.POSITIVE_INFINITY]);
    backend.close();
  });
});

describe("NativeKernelCaller", () => {
  const { kernels, close } = loadBinding().open("scalar", 1);
  const caller = new NativeKernelCaller(kernels);

  it.each([
    ["a kernel that does not exist", "none", [], /no kernel "none"/],
    ["too few arguments", "decode_f16", [0], /takes 5 arguments, got 1/],
    [
      "a number for an array",
      "decode_f16",
      [0, 1, 5, new Float32Array(1), 1],
      /argument 2 must be a typed array or null/,
    ],
    [
      "an array for a number",
      "decode_f16",
      [0, 1, new Uint8Array(2), new Float32Array(1), new Uint8Array(1)],
      /argument 4 must be a number/,
    ],
  ] as const)("refuses %s", (_, kernel, args, message) => {
    expect(() => caller.call(kernel, ...args)).toThrow(
      expect.objectContaining({ code: "backend/kernel-call", message: expect.stringMatching(message) }),
    );
  });

  it("can be closed twice", () => {
    close();
    close();
  });
});

describe("the native module", () => {
  it("lets a process end while a backend is open, and loads in worker threads", async () => {
    const load = `const m = { exports: {} }; process.dlopen(m, ${JSON.stringify(bindingPath())}); m.exports.open("scalar", 3);`;
    expect(spawnSync(process.execPath, ["-e", load], { timeout: 20_000 }).status).toBe(0);
    const worker = new Worker(load, { eval: true });
    expect(await new Promise((resolve) => worker.on("exit", resolve))).toBe(0);
  });
});
