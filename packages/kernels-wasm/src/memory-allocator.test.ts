import { describe, expect, it } from "vitest";
import { MemoryAllocator } from "./memory-allocator.js";

describe("MemoryAllocator", () => {
  it("hands out aligned spans that do not overlap", () => {
    const allocator = new MemoryAllocator(1000);
    const starts = [1, 64, 65, 0].map((byteLength) => allocator.allocate(byteLength));
    expect(starts).toEqual([1024, 1088, 1152, 1280]);
    expect(allocator.end).toBe(1344);
  });

  it("uses a released span again, and what is left of it", () => {
    const allocator = new MemoryAllocator(0);
    const first = allocator.allocate(640);
    allocator.allocate(64);
    allocator.release(first);
    expect(allocator.allocate(128)).toBe(first);
    expect(allocator.allocate(512)).toBe(first + 128);
    expect(allocator.allocate(64)).toBe(768);
  });

  it("joins neighbours, so that a large span fits where small ones were", () => {
    const allocator = new MemoryAllocator(64);
    const spans = [0, 1, 2, 3].map(() => allocator.allocate(64));
    for (const index of [0, 2, 1]) allocator.release(spans[index]!);
    expect(allocator.allocate(192)).toBe(64);
  });

  it("gives the end back, and nothing twice", () => {
    const allocator = new MemoryAllocator(64);
    const keep = allocator.allocate(64);
    const last = allocator.allocate(6400);
    allocator.release(last);
    allocator.release(last);
    expect(allocator.end).toBe(keep + 64);
    expect(allocator.allocate(64)).not.toBe(allocator.allocate(64));
  });
});
