import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import { ggufRecipe } from "@lowbit/lm";
import { convertToGguf } from "@lowbit/lm/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EngineUnderTest, engineUnderTest, TINY_LLAMA } from "../engine.fixture.js";

const OWN = { kind: "own" } as const;

describe("a comparison of a GGUF file with its original", () => {
  let folder: string;
  let under: EngineUnderTest & { dispose(): Promise<void> };
  let gguf: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lowbit-compare-"));
    under = await engineUnderTest();
    gguf = join(folder, "tiny.gguf");
    const convert = {
      input: TINY_LLAMA,
      output: gguf,
      targetName: "gguf:Q8_0",
      choice: { recipe: ggufRecipe("Q8_0")! },
      encoder: "lowbit",
      measuresErrors: false,
      allowRequantize: true,
      threads: 1,
      backend: { module: import.meta.resolve("@lowbit/core/backend"), exportName: "createReferenceBackend" },
    } as const;
    await convertToGguf(convert, createReferenceBackend());
  }, 60_000);
  afterAll(async () => {
    await under.dispose();
    await rm(folder, { recursive: true });
  });

  const rows = { sort: "sqnrDb", descending: false, filter: "", begin: 0, end: 100 } as const;
  // Its rows stand in another order in the GGUF file.
  const [query, key] = ["model.layers.0.self_attn.q_proj.weight", "blk.0.attn_q.weight"];
  const errors = {
    side: OWN,
    against: { kind: "compared" },
    window: { row: 0, rows: 256, column: 0, columns: 256 },
    quantity: "error",
    maxWidth: 16,
    maxHeight: 16,
    threshold: 1,
  } as const;

  it.each([
    ["the original", () => TINY_LLAMA, () => gguf, query],
    ["the GGUF file", () => gguf, () => TINY_LLAMA, key],
  ])("pairs the weights where %s is open, in its names", async (_, own, other, name) => {
    const model = under.open(own());
    const open = await under.get(model, "compare/open", { path: other() });
    expect(open).toMatchObject({ pairs: 56, differenceCount: 0 });
    expect(open.command).toBe(
      `lowbit convert ${gguf} tiny-f32 --to safetensors:F32 && lowbit compare ${TINY_LLAMA} tiny-f32`,
    );
    expect(await under.get(model, "compare/run", {})).toEqual({ compared: 56 });
    const page = await under.get(model, "compare/weights", rows);
    expect(page.rows.map((row) => row.name)).toContain(name);
    for (const { error } of page.rows) expect(error!.sqnrDb).toBeGreaterThan(40);
    for (const { measured, relativeError } of page.skyline) {
      expect(measured).toBeGreaterThan(0);
      expect(relativeError).toBeLessThan(0.01);
    }
    const map = await under.get(model, "tensor/map", { ...errors, name });
    expect(Math.max(...map.values)).toBeLessThan(0.01);
    const window = { row: 40, rows: 8, column: 0, columns: 4 };
    const read = { name, side: OWN, against: { kind: "compared" }, window } as const;
    const { values, otherValues } = await under.get(model, "tensor/values", read);
    for (const [i, value] of values.entries()) expect(otherValues![i]).toBeCloseTo(value, 2);
  });

  it("says why where the architecture is not known", async () => {
    const bytes = await readFile(gguf);
    bytes.write("lxxma", bytes.indexOf("llama", bytes.indexOf("general.architecture")), "latin1");
    const strange = join(folder, "strange.gguf");
    await writeFile(strange, bytes);
    const open = await under.get(under.open(TINY_LLAMA), "compare/open", { path: strange });
    expect(open).toMatchObject({ pairs: 0, differenceCount: 112, reason: expect.stringContaining("lxxma") });
  });
});
