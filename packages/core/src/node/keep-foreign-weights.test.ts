import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { weightValues } from "../layouts/checkpoint-of.fixture.js";
import { expectedValues, gptqTensors, plainGptq } from "../layouts/gptq/gptq-checkpoint.fixture.js";
import { recogniseWeights } from "../layouts/recognise.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import { writeSafetensors } from "../safetensors/write-safetensors.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { quantizeCheckpoint } from "./quantize-checkpoint.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-foreign-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("quantizing a checkpoint that holds weights of another tool", () => {
  it("leaves them as they are, and reads them by the config that it replaced", async () => {
    // Asymmetric zeros: only checkpoint_format tells that they are stored as they are.
    const plain = plainGptq({ bits: 4 });
    const other = { name: "b.weight", dtype: "F32", shape: [8, 32], data: new Uint8Array(1024) } as const;
    const stated = { quant_method: "gptq", checkpoint_format: "gptq_v2" };
    const input = join(folder, "in");
    await mkdir(input);
    await writeFile(join(input, "config.json"), JSON.stringify({ quantization_config: stated }));
    await writeFile(join(input, "model.safetensors"), writeSafetensors([...gptqTensors("a", plain, 0), other]));
    const output = join(folder, "out");
    await quantizeCheckpoint({
      input,
      output,
      quantizers: QUANTIZERS,
      plan: { method: "rtn", options: { bits: 4, group: 32 }, rules: [] },
      backend: {
        module: new URL("../backend/reference/reference-backend.ts", import.meta.url).href,
        exportName: "createReferenceBackend",
      },
      threads: 1,
    });
    const checkpoint = await openCheckpoint(output);
    expect(recogniseWeights(checkpoint)).toMatchObject([
      { name: "a.weight", layout: "gptq" },
      { name: "b.weight", layout: "lowbit" },
    ]);
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
    const config = JSON.parse(await readFile(join(output, "config.json"), "utf8")) as Record<string, unknown>;
    expect(config["quantization_config"]).toMatchObject({ quant_method: "lowbit", replaced: stated });
    await checkpoint.close();
  });
});
