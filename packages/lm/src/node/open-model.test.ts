import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import { planGgufSplits, writeGguf } from "@lowbit/core/gguf";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenTensors, readGolden } from "../architectures/golden-model.fixture.js";
import { testBackends } from "../backends.fixture.js";
import { lastLogits } from "../forward/sequence-logits.fixture.js";
import { goldenGguf, openGgufBytes } from "../gguf/golden-gguf.fixture.js";
import { withSharedData } from "../shared-data.fixture.js";
import { loadModel, openModel } from "./open-model.js";

describe("loadModel", () => {
  for (const name of ["stories260K", "babyllama105"]) {
    withSharedData("loadModel", `models/${name}`, (path) => {
      it.each(testBackends)(`gives the logits of ${name} on $name`, async ({ create }) => {
        const backend = await create();
        const model = await loadModel(path, backend);
        const { logit_probe: probe } = JSON.parse(await readFile(`${path}/reference.json`, "utf8"));
        const last = lastLogits(model, backend, probe.ids as number[]);
        for (const [i, value] of (probe.last_position_logits_first8 as number[]).entries()) {
          expect(Math.abs(last[i]! - value)).toBeLessThan(1e-4);
        }
        model.close();
        backend.close();
      });
    });
  }
});

describe("openModel", () => {
  const backend = createReferenceBackend();
  const golden = readGolden("qwen2");
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lowbit-lm-"));
    await writeFile(join(folder, "model.safetensors"), writeSafetensors(goldenTensors(golden)));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const writeConfig = (text: string) => writeFile(join(folder, "config.json"), text);

  it("needs a config.json", async () => {
    await rm(join(folder, "config.json"), { force: true });
    await expect(openModel(folder, backend)).rejects.toThrow(expect.objectContaining({ code: "model/no-config" }));
  });

  it.each(["{", "[]", "null"])("refuses the config %s", async (text) => {
    await writeConfig(text);
    await expect(openModel(folder, backend)).rejects.toThrow(expect.objectContaining({ code: "model/config-json" }));
  });

  it("refuses files that cannot be read, and names the one that is wrong", async () => {
    await writeConfig(JSON.stringify(golden.config));
    const generation = join(folder, "generation_config.json");
    await writeFile(generation, '{ "eos_token_id": 41 }');
    await expect(openModel(folder, backend)).rejects.toThrow(
      '"eos_token_id" in generation_config.json is 41; allowed: token ids from 0 to 40.',
    );
    await rm(generation);
    await mkdir(generation);
    await expect(openModel(folder, backend)).rejects.toThrow(
      expect.objectContaining({ code: "bytes/cannot-open", facts: { path: generation, reason: "EISDIR" } }),
    );
    await rm(generation, { recursive: true });
  });

  it("takes a directory or a file beside its config", async () => {
    await writeConfig(JSON.stringify(golden.config));
    for (const path of [folder, join(folder, "model.safetensors")]) {
      const model = await loadModel(path, backend);
      expect([model.name, model.blocks.length]).toEqual([path, 2]);
    }
  });

  it("takes a GGUF file, or a directory with one", async () => {
    const directory = join(folder, "gguf");
    await mkdir(directory);
    const file = join(directory, "model.gguf");
    await writeFile(file, await goldenGguf(golden));
    for (const path of [directory, file]) {
      const model = await loadModel(path, backend);
      expect(model.config).toMatchObject({ architecture: "qwen2", blockCount: 2 });
      expect(model.blocks[1]!.attention.output.name).toBe("model.layers.1.self_attn.o_proj.weight");
    }
  });

  it("takes any part of a split GGUF model", async () => {
    const whole = await openGgufBytes(await goldenGguf(golden));
    const tensors = [];
    for (const tensor of whole.tensors) {
      const data = new Uint8Array(tensor.byteLength);
      await whole.read(tensor, 0, data);
      tensors.push({ name: tensor.name, shape: tensor.shape, type: "F32" as const, data });
    }
    const directory = join(folder, "split");
    await mkdir(directory);
    const parts = planGgufSplits("model", whole.gguf, tensors, 20_000);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) await writeFile(join(directory, part.name), writeGguf(part.metadata, part.tensors));
    for (const path of [directory, join(directory, parts[0]!.name), join(directory, parts[2]!.name)]) {
      const model = await loadModel(path, backend);
      expect(model.blocks.length).toBe(2);
    }
  });
});
