import { describe, expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { openFile, writeSafetensors } from "../safetensors/index.js";
import { logicalRows } from "./logical-rows.js";

describe("logicalRows", () => {
  it("has a layer of GPTQ as one weight, with what there is to know of it", async () => {
    const file = writeSafetensors([
      { name: "a.qweight", dtype: "I32", shape: [4, 32], data: new Uint8Array(512) },
      { name: "a.qzeros", dtype: "I32", shape: [1, 4], data: new Uint8Array(16).fill(0x88) },
      { name: "a.scales", dtype: "F16", shape: [1, 32], data: new Uint8Array(64) },
      { name: "a.g_idx", dtype: "I32", shape: [32], data: new Uint8Array(128) },
    ]);
    const config = { quantization_config: { quant_method: "gptq", checkpoint_format: "gptq" } };
    expect(logicalRows(await openFile(createMemorySource(file), { config }))).toEqual([
      {
        name: "a.weight",
        storage: "gptq: affine 4-bit per row",
        shape: [32, 32],
        parameters: 1024,
        bytes: 720,
        shard: expect.any(String),
        notes: [expect.stringContaining('checkpoint_format says "gptq"')],
      },
    ]);
  });
});
