import { createReferenceBackend } from "@lowbit/core/backend";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { describe, expect, it } from "vitest";
import { PartMemory } from "./part-memory.js";

describe("PartMemory", () => {
  it("lays spans out at multiples of 64", () => {
    const memory = new PartMemory();
    const [a, b] = [memory.reserve(65), memory.reserve(3)];
    expect(memory.byteLength).toBe(192);
    memory.allocate(createReferenceBackend());
    a.bytes().fill(1);
    b.bytes().fill(2);
    expect([a.bytes().length, b.bytes().length, b.bytes().byteOffset - a.bytes().byteOffset]).toEqual([65, 3, 128]);
    expect(a.bytes().every((byte) => byte === 1)).toBe(true);
  });

  it("follows memory that moves", async () => {
    const backend = await createWasmBackend();
    const memory = new PartMemory();
    const span = memory.reserve(100);
    memory.allocate(backend);
    span.bytes().fill(7);
    const before = span.bytes();
    const large = backend.allocate(2 ** 29);
    expect(before.length).toBe(0);
    expect([...new Set(span.bytes())]).toEqual([7]);
    large.release();
    backend.close();
  });

  it("refuses weights that were released", () => {
    const memory = new PartMemory();
    const span = memory.reserve(8);
    memory.allocate(createReferenceBackend());
    memory.release();
    expect(() => span.bytes()).toThrow(expect.objectContaining({ code: "model/released" }));
  });
});
