import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GgufTensorData, type GgufValue, ggufArray, planGgufSplits, writeGguf } from "@lowbit/core/gguf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowbit, requireBuild } from "../run-lowbit.fixture.js";

const metadata = new Map<string, GgufValue>([
  ["general.architecture", { type: "string", value: "llama" }],
  ["general.name", { type: "string", value: "Tiny\u001b[2J" }],
  ["general.file_type", { type: "uint32", value: 7 }],
  ["llama.context_length", { type: "uint32", value: 2048 }],
  ["general.size", { type: "uint64", value: 2n ** 60n }],
  [
    "tokenizer.ggml.tokens",
    ggufArray(
      "string",
      Array.from({ length: 500 }, (_, i) => `t${i}`),
    ),
  ],
  ["tokenizer.ggml.flags", ggufArray("bool", [true, false])],
]);

/** `rows` rows of 64 weights in Q8_0: scale 0.5, codes 1, 2, … in every row. */
function q8(rows: number): Uint8Array {
  const block = (first: number): number[] => [0x00, 0x38, ...Array.from({ length: 32 }, (_, i) => first + i)];
  return Uint8Array.from(Array.from({ length: rows }, () => [...block(1), ...block(33)]).flat());
}
const values = (rows: number): Float32Array => Float32Array.from({ length: 64 * rows }, (_, i) => 0.5 * ((i % 64) + 1));
const norm: GgufTensorData = { name: "output_norm.weight", shape: [2], type: "F32", data: new Uint8Array(8) };
const inBlocks: GgufTensorData = { name: "blk.0.w", shape: [3, 64], type: "Q8_0", data: q8(3) };
const inFloats: GgufTensorData = {
  name: "blk.0.w",
  shape: [3, 64],
  type: "F32",
  data: new Uint8Array(values(3).buffer),
};

let folder: string;
let model: string;
beforeAll(() => {
  requireBuild();
  folder = mkdtempSync(join(tmpdir(), "lowbit-gguf-"));
  model = join(folder, "model.gguf");
  writeFileSync(model, writeGguf(metadata, [inBlocks, norm]));
  writeFileSync(join(folder, "floats.gguf"), writeGguf(metadata, [inFloats, norm]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("GGUF files on the command line", { timeout: 120_000 }, () => {
  it("inspect shows names, block types, bits per weight and what the metadata say", async () => {
    const { exitCode, stdout } = await lowbit(["inspect", model]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/blk\.0\.w +Q8_0 +3×64 +192 +204 B +8\.500/);
    expect(stdout).toMatch(/output_norm\.weight +F32 +2 /);
    expect(stdout).toMatch(/name +Tiny\\u001b\[2J\n/);
    for (const line of [/architecture +llama/, /file type +Q8_0/, /context +2048/, /vocabulary +500 tokens/]) {
      expect(stdout).toMatch(line);
    }
  });

  it("inspect --json has the metadata, long arrays by their first elements", async () => {
    const { stdout } = await lowbit(["inspect", model, "--json"]);
    const { weights, gguf } = JSON.parse(stdout) as {
      weights: readonly { name: string; storage: string; bitsPerWeight: number }[];
      gguf: { version: number; metadata: Record<string, unknown> };
    };
    expect(weights[0]).toMatchObject({ name: "blk.0.w", storage: "Q8_0", bitsPerWeight: 8.5 });
    expect(gguf.version).toBe(3);
    expect(gguf.metadata["tokenizer.ggml.tokens"]).toEqual({
      type: "array",
      elementType: "string",
      length: 500,
      first: ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"],
    });
    expect(gguf.metadata["tokenizer.ggml.flags"]).toMatchObject({ length: 2, values: [true, false] });
    expect(gguf.metadata["general.size"]).toEqual({ type: "uint64", value: "1152921504606846976" });
  });

  it("stats and compare look at the decoded values; --arrays leaves blocks out", async () => {
    const stats = JSON.parse((await lowbit(["stats", model, "--json"])).stdout) as {
      tensors: readonly { name: string; isDecoded: boolean; mean: number }[];
    };
    expect(stats.tensors[0]).toMatchObject({ name: "blk.0.w", isDecoded: true, mean: 16.25 });
    const stored = JSON.parse((await lowbit(["stats", model, "--json", "--arrays"])).stdout) as { skipped: unknown };
    expect(stored.skipped).toEqual([{ name: "blk.0.w", dtype: "Q8_0" }]);
    const compared = await lowbit(["compare", join(folder, "floats.gguf"), model, "--json"]);
    expect(compared.exitCode).toBe(0);
    expect(compared.stdout).toContain('"right": "Q8_0"');
  });

  it("--validate lists every problem of a file, and opens a set by any of its parts", async () => {
    for (const file of planGgufSplits("set", metadata, [inBlocks, norm], 204)) {
      writeFileSync(join(folder, file.name), writeGguf(file.metadata, file.tensors));
    }
    const second = join(folder, "set-00002-of-00002.gguf");
    expect(await lowbit(["inspect", second, "--validate"])).toMatchObject({ exitCode: 0 });
    const listed = JSON.parse((await lowbit(["inspect", second, "--json"])).stdout) as { shards: string[] };
    expect(listed.shards).toEqual(["set-00001-of-00002.gguf", "set-00002-of-00002.gguf"]);

    const bad = join(folder, "bad.gguf");
    const file = writeGguf(metadata, [inBlocks, norm]);
    writeFileSync(bad, file.subarray(0, file.length - 64));
    const { exitCode, stdout } = await lowbit(["inspect", bad, "--validate"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /bad.*\[gguf\/data-truncated\] Tensor "blk\.0\.w".*\n.*\[gguf\/data-truncated\] Tensor "output_norm/,
    );
  });
});
