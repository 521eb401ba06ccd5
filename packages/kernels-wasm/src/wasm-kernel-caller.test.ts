import { output } from "@lowbit/core/backend";
import { beforeEach, describe, expect, it } from "vitest";
import { LinearMemory } from "./linear-memory.js";
import { type WasmKernel, WasmKernelCaller } from "./wasm-kernel-caller.js";

const PAGE = 65_536;

describe("WasmKernelCaller", () => {
  let memory: LinearMemory;
  let wasm: WebAssembly.Memory;
  let caller: WasmKernelCaller;
  let lastArguments: number[];

  beforeEach(() => {
    wasm = new WebAssembly.Memory({ initial: 2, maximum: 64 });
    memory = new LinearMemory(wasm, PAGE);
    const kernels = new Map<string, WasmKernel>();
    // Stands for a kernel: adds one to `count` bytes from a to b.
    kernels.set("increment", (a, b, count) => {
      lastArguments = [a!, b!, count!];
      const bytes = new Uint8Array(wasm.buffer);
      for (let i = 0; i < count!; i++) bytes[b! + i] = bytes[a! + i]! + 1;
      return count;
    });
    caller = new WasmKernelCaller(memory, kernels);
  });

  it("uses arrays of its own memory in place", () => {
    const a = memory.allocate(4);
    const b = memory.allocate(4);
    a.bytes().set([1, 2, 3, 4]);
    expect(caller.call("increment", a.bytes(), output(b.bytes()), 4)).toBe(4);
    expect([...b.bytes()]).toEqual([2, 3, 4, 5]);
    expect(lastArguments).toEqual([a.bytes().byteOffset, b.bytes().byteOffset, 4]);
  });

  it("copies arrays from elsewhere in, outputs back, and inputs not back", () => {
    const a = new Uint8Array([9, 1, 2, 3]).subarray(1);
    const b = new Uint8Array(5);
    caller.call("increment", a, output(b), 3);
    expect([...b]).toEqual([2, 3, 4, 0, 0]);
    expect([...a]).toEqual([1, 2, 3]);
    const c = new Uint8Array([1, 1]);
    caller.call("increment", c, c, 2); // not named as output
    expect([...c]).toEqual([1, 1]);
  });

  it("passes null as the null pointer", () => {
    caller.call("increment", null, null, 0);
    expect(lastArguments).toEqual([0, 0, 0]);
  });

  it("still finds its own arrays when room for copies makes the memory grow", () => {
    const a = memory.allocate(4);
    a.bytes().set([1, 2, 3, 4]);
    const big = new Uint8Array(3 * PAGE);
    caller.call("increment", a.bytes(), output(big), 4);
    expect([...big.subarray(0, 4)]).toEqual([2, 3, 4, 5]);
    expect([...a.bytes()]).toEqual([1, 2, 3, 4]);
  });

  it("refuses an array from before the memory has grown", () => {
    const stale = memory.allocate(4).bytes();
    memory.allocate(4 * PAGE);
    expect(() => caller.call("increment", stale, null, 4)).toThrow(
      expect.objectContaining({ code: "backend/stale-view" }),
    );
  });

  it("refuses unknown kernels and a wrong number of arguments", () => {
    const fault = expect.objectContaining({ code: "backend/kernel-call" });
    expect(() => caller.call("none")).toThrow(fault);
    expect(() => caller.call("increment", 1)).toThrow(fault);
  });

  it("says so when the memory cannot grow", () => {
    expect(() => memory.allocate(65 * PAGE)).toThrow(expect.objectContaining({ code: "backend/out-of-memory" }));
    expect(memory.allocate(PAGE).bytes().byteLength).toBe(PAGE);
  });
});
