import { createMemorySource } from "@lowbit/core/bytes";
import { openFile, type TensorData, writeSafetensors } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import { modelFingerprint } from "./model-fingerprint.js";

const tensor = (name: string, shape: readonly number[], change?: number): TensorData => {
  const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 4) }, (_, i) => i * 7);
  if (change !== undefined) data[change]! ^= 1;
  return { name, dtype: "F32", shape, data };
};

async function fingerprint(tensors: readonly TensorData[], metadata: Record<string, string> = {}): Promise<string> {
  const checkpoint = await openFile(createMemorySource(writeSafetensors(tensors, metadata)));
  return modelFingerprint(checkpoint);
}

describe("modelFingerprint", () => {
  it("is 64 hexadecimal digits, whatever the order of tensors and the metadata", async () => {
    const parts = [tensor("a", [3]), tensor("b", [100, 100])];
    const found = await fingerprint(parts);
    expect(found).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint(parts.toReversed(), { format: "pt" })).toBe(found);
  });

  it.each([
    ["a name", [tensor("c", [3]), tensor("b", [100, 100])]],
    ["a shape", [tensor("a", [3]), tensor("b", [10, 1000])]],
    ["a dtype", [{ ...tensor("a", [3]), dtype: "I32" as const }, tensor("b", [100, 100])]],
    ["the first byte", [tensor("a", [3]), tensor("b", [100, 100], 0)]],
    ["the last byte", [tensor("a", [3]), tensor("b", [100, 100], 39_999)]],
    ["a byte of a small tensor", [tensor("a", [3], 6), tensor("b", [100, 100])]],
    ["one tensor less", [tensor("b", [100, 100])]],
  ])("depends on %s", async (_what, tensors) => {
    expect(await fingerprint(tensors)).not.toBe(await fingerprint([tensor("a", [3]), tensor("b", [100, 100])]));
  });
});
