import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeSafetensors } from "../safetensors/write-safetensors.js";
import { openCheckpoint } from "./open-checkpoint.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lowbit-config-"));
  writeFileSync(join(folder, "model.safetensors"), writeSafetensors([]));
  writeFileSync(join(folder, "model.safetensors.index.json"), '{"weight_map":{}}');
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
async function configOf(name = "model.safetensors"): Promise<unknown> {
  const checkpoint = await openCheckpoint(join(folder, name));
  await checkpoint.close();
  return checkpoint.config;
}

describe("the configuration of a checkpoint", () => {
  it("is read beside a file, an index and in a directory, as Python reads JSON", async () => {
    expect(await configOf()).toBeUndefined();
    put("config.json", '{"model_type":"llama","limit":Infinity,"text":"NaN, -Infinity"}');
    const config = { model_type: "llama", limit: null, text: "NaN, -Infinity" };
    for (const name of ["model.safetensors", "model.safetensors.index.json", ""]) {
      expect(await configOf(name)).toEqual(config);
    }
  });

  it("has the settings of quantize_config.json where config.json has none", async () => {
    put("quantize_config.json", '{"bits":4}');
    expect(await configOf()).toEqual({ quantization_config: { bits: 4 } });
    put("config.json", '{"model_type":"llama"}');
    expect(await configOf()).toEqual({ model_type: "llama", quantization_config: { bits: 4 } });
    put("config.json", '{"quantization_config":{"bits":8}}');
    expect(await configOf()).toEqual({ quantization_config: { bits: 8 } });
  });

  it.each(["", "{", "[]", "null", '{"a":1}x'])("is refused as %j", async (text) => {
    put("config.json", text);
    await expect(configOf()).rejects.toMatchObject({ code: "pipeline/config-invalid" });
  });

  it("is refused when it is far too large, before it is read", async () => {
    put("config.json", "{}");
    truncateSync(join(folder, "config.json"), 2 ** 24 + 1);
    await expect(configOf()).rejects.toMatchObject({
      code: "pipeline/config-invalid",
      message: expect.stringContaining("16777217 bytes"),
    });
  });
});
