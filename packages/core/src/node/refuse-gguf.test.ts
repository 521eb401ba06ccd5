import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeGguf } from "../gguf/write-gguf.js";
import { dequantizeCheckpoint } from "./dequantize-checkpoint.js";
import { planCheckpoint } from "./prepare-quantization.js";

describe("work that copies names and side files", () => {
  let folder: string;
  let input: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lowbit-gguf-"));
    input = join(folder, "model.gguf");
    const tensor = { name: "output.weight", shape: [2, 32], type: "F32", data: new Uint8Array(256) } as const;
    await writeFile(input, writeGguf(new Map(), [tensor]));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const refused = expect.objectContaining({ code: "pipeline/gguf-input" });

  it("refuses to quantize a GGUF file", async () => {
    const plan = { rules: [] } as unknown as Parameters<typeof planCheckpoint>[0]["plan"];
    await expect(planCheckpoint({ input, output: join(folder, "out"), plan }, {})).rejects.toThrow(refused);
  });

  it("refuses to dequantize a GGUF file", async () => {
    const options = { input, output: join(folder, "out"), dtype: "F32", threads: 1 };
    const work = dequantizeCheckpoint(options as unknown as Parameters<typeof dequantizeCheckpoint>[0]);
    await expect(work).rejects.toThrow(refused);
  });
});
