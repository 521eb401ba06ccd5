import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { BLOCK_TYPES } from "../../blocks/block-table.js";
import type { BlockType } from "../../blocks/block-type.js";
import { createMemorySource } from "../../bytes/memory-source.js";
import { openGguf } from "../../gguf/gguf-checkpoint.js";
import { writeGguf } from "../../gguf/write-gguf.js";
import { openWeight } from "../read-weight.js";
import { recogniseWeights } from "../recognise.js";

const backend = createReferenceBackend();

/** A file with one weight [2, rows / 2, columns] in the blocks given. */
async function openBlocks(type: BlockType, rows: number, columns: number, data: Uint8Array) {
  const file = writeGguf(new Map(), [{ name: "w", shape: [2, rows / 2, columns], type: type.name, data }]);
  const checkpoint = await openGguf(createMemorySource(file));
  const [weight] = recogniseWeights(checkpoint);
  return { weight: weight!, rows: await openWeight(checkpoint, weight!, backend) };
}

describe("ggufLayout", () => {
  const encoded = Object.values(BLOCK_TYPES).filter((type) => type.encode !== undefined);
  it.each(encoded)("$name: any rows are the rows of the whole, bits per weight those of the file", async (type) => {
    const [rows, columns] = [6, 2 * type.weights];
    const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * i) * (1 + (i % 7)));
    const data = new Uint8Array((values.length / type.weights) * type.bytes);
    type.encode!(values, data);
    const { weight, rows: reader } = await openBlocks(type, rows, columns, data);
    expect(weight).toMatchObject({
      kind: "quantized",
      layout: "gguf",
      shape: [2, 3, columns],
      byteLength: data.length,
    });
    const whole = new Float32Array(values.length);
    await reader.read(0, rows, whole);
    const part = new Float32Array(2 * columns);
    await reader.read(3, 5, part);
    expect(part).toEqual(whole.subarray(3 * columns, 5 * columns));
    const error = whole.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0);
    expect(error).toBeLessThan(values.reduce((sum, value) => sum + value ** 2, 0));
  });

  it("I2_S: the scale behind the last row is that of every row", async () => {
    const type = BLOCK_TYPES.I2_S!;
    const data = new Uint8Array(4 * 32 + 32);
    data.fill(0b10_01_00_10, 0, 4 * 32);
    new DataView(data.buffer).setFloat32(4 * 32, 0.75, true);
    const { rows } = await openBlocks(type, 4, 128, data);
    const target = new Float32Array(128);
    await rows.read(2, 3, target);
    expect([target[0], target[32], target[64], target[96]]).toEqual([0.75, 0, -0.75, 0.75]);
  });
});
