import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemorySource } from "@lowbit/core/bytes";
import { type GgufTensorData, openGguf, writeGguf } from "@lowbit/core/gguf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseImatrixDat } from "./imatrix-dat.js";
import { readImatrixGguf, writeImatrixGguf } from "./imatrix-gguf.js";
import { openImportance } from "./importance.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-imatrix-"));
});
afterAll(() => rm(folder, { recursive: true }));

const FACTS = { dataset: "text.txt", chunks: 4, chunkSize: 512 };
const refused = (code: string) => expect.objectContaining({ code });

/** An old importance matrix, byte by byte. */
function dat(
  entries: readonly (readonly [string, number, readonly number[]])[],
  tail: readonly (number | string)[] = [],
): Uint8Array {
  const parts: Uint8Array[] = [];
  const int = (value: number): void => void parts.push(new Uint8Array(Int32Array.of(value).buffer));
  const text = (value: string): void => {
    int(value.length);
    parts.push(new TextEncoder().encode(value));
  };
  int(entries.length);
  for (const [name, calls, values] of entries) {
    text(name);
    int(calls);
    int(values.length);
    parts.push(new Uint8Array(Float32Array.from(values).buffer));
  }
  for (const part of tail)
    if (typeof part === "number") int(part);
    else text(part);
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): GgufTensorData => ({
  name,
  shape,
  type: "F32",
  data: new Uint8Array(Float32Array.from(values).buffer),
});

const open = (bytes: Uint8Array) => openGguf(createMemorySource(bytes));

describe("imatrix", () => {
  it("reads the older kind: sums over calls", () => {
    const bytes = dat(
      [
        ["blk.0.attn_q.weight", 4, [4, 8]],
        ["b", 0, [3]],
      ],
      [7, "text.txt"],
    );
    const { entries, chunks, datasets } = parseImatrixDat("x.dat", bytes);
    expect(entries.get("blk.0.attn_q.weight")!.values).toEqual(Float32Array.of(1, 2));
    expect(entries.get("b")!.values).toEqual(Float32Array.of(3));
    expect([chunks, datasets]).toEqual([7, ["text.txt"]]);
    expect(parseImatrixDat("x.dat", dat([["b", 1, [3]]])).chunks).toBe(0);
  });

  it.each([
    ["more entries than bytes", Uint8Array.of(255, 255, 255, 127, 0, 0)],
    ["a negative count", Uint8Array.of(255, 255, 255, 255)],
    ["nothing", new Uint8Array()],
    ["the half of an entry", dat([["blk.0.attn_q.weight", 4, [4, 8]]]).subarray(0, 20)],
    ["values behind its end", dat([["a", 4, [4, 8]]]).subarray(0, 20)],
  ])("convert/importance-file: %s", (_, bytes) => {
    expect(() => parseImatrixDat("x.dat", bytes)).toThrow(refused("convert/importance-file"));
  });

  it("writes what it reads", async () => {
    const meanSquare = Float32Array.of(0.25, 2, 0);
    const moments = new Map([
      ["blk.0.ffn_up.weight", { meanSquare, tokens: 2048 }],
      ["a", { meanSquare, tokens: 2 }],
    ]);
    const bytes = writeImatrixGguf(moments, FACTS);
    expect(bytes).toEqual(writeImatrixGguf(new Map([...moments].toReversed()), FACTS));
    const checkpoint = await open(bytes);
    expect(checkpoint.ggufTensor("a.in_sum2")!.shape).toEqual([1, 3]);
    expect(checkpoint.gguf.get("general.type")).toEqual({ type: "string", value: "imatrix" });
    const file = await readImatrixGguf(checkpoint);
    expect(file.entries.get("blk.0.ffn_up.weight")!.values).toEqual(meanSquare);
    expect([file.chunks, file.datasets]).toEqual([4, ["text.txt"]]);
  });

  it("takes the mean over experts; one that no token reached has no opinion", async () => {
    const path = join(folder, "experts.gguf");
    const tensors = [floats("e.in_sum2", [2, 2], [4, 8, 9, 9]), floats("e.counts", [2, 1], [4, 0])];
    await writeFile(path, writeGguf(new Map(), tensors));
    const importance = await openImportance(path);
    expect(importance.of({ name: "e", shape: [2, 8, 2] })).toEqual(Float32Array.of(1, 1.5));
    expect(importance.of({ name: "other", shape: [8, 2] })).toBeUndefined();
    expect(() => importance.of({ name: "e", shape: [2, 8, 4] })).toThrow(refused("convert/importance-size"));
    expect(importance.metadata.get("quantize.imatrix.file")).toEqual({ type: "string", value: "experts.gguf" });
  });

  it("convert/importance-file: no sums, no counts, counts that do not divide", async () => {
    const cases = [
      [floats("a", [2], [1, 2])],
      [floats("a.in_sum2", [1, 2], [1, 2])],
      [floats("a.in_sum2", [1, 2], [1, 2]), floats("a.counts", [3, 1], [1, 2, 3])],
    ];
    for (const tensors of cases) {
      const checkpoint = await open(writeGguf(new Map(), tensors));
      await expect(readImatrixGguf(checkpoint)).rejects.toThrow(refused("convert/importance-file"));
    }
  });
});
