import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withSharedData } from "../shared-data.fixture.js";
import { Q5_0 } from "./q5-0.js";
import { Q5_1 } from "./q5-1.js";
import { readRwkv } from "./rwkv-tensors.fixture.js";

const folder = "models/rwkv5v2-730K/tiny-rwkv-5v2-730K";

// rwkv.cpp quantized a trained model with ggml: files that nobody made for these tests.
withSharedData("RWKV blocks", `${folder}-FP32.bin`, (source) => {
  const floats = readRwkv(new Uint8Array(readFileSync(source)));

  describe.each([
    [Q5_0, 7],
    [Q5_1, 8],
  ] as const)("the RWKV model in $name", (type, number) => {
    withSharedData("RWKV blocks", `${folder}-${type.name}.bin`, (path) => {
      it("has the blocks that encode makes of its FP32 weights", () => {
        const quantized = [...readRwkv(new Uint8Array(readFileSync(path)))].filter(
          ([, tensor]) => tensor.type === number,
        );
        expect(quantized.length).toBe(96);
        for (const [name, { shape, bytes }] of quantized) {
          const plain = floats.get(name)!;
          expect({ name, type: plain.type, shape: plain.shape }).toEqual({ name, type: 0, shape });
          const encoded = new Uint8Array(bytes.length);
          type.encode!(new Float32Array(plain.bytes.slice().buffer), encoded);
          expect(Buffer.compare(encoded, bytes), name).toBe(0);
        }
      });
    });
  });
});
