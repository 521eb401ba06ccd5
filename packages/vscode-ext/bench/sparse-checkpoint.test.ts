import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCheckpointProblems, openCheckpoint } from "@lowbit/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { weightName, writeSparseCheckpoint } from "./sparse-checkpoint.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lowbit-sparse-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("models of the bench", () => {
  it.each([
    { name: "one file of holes", shards: 1, isFilled: false },
    { name: "an index of holes", shards: 3, isFilled: false },
    { name: "one file of noise", shards: 1, isFilled: true },
  ])("$name is a sound checkpoint", async ({ name, shards, isFilled }) => {
    const directory = join(folder, name);
    const main = writeSparseCheckpoint(directory, { weights: 10, rows: 4, columns: 1024, shards, isFilled });
    expect((await findCheckpointProblems(join(directory, main))).flatMap(({ problems }) => problems)).toEqual([]);
    const checkpoint = await openCheckpoint(join(directory, main));
    expect(checkpoint.tensors.length).toBe(10);
    expect(checkpoint.tensors.find((tensor) => tensor.name === weightName(9))?.shape).toEqual([4, 1024]);
    await checkpoint.close();
  });

  it("takes no room on the disk where nothing is filled", () => {
    const directory = join(folder, "large");
    writeSparseCheckpoint(directory, { weights: 2, rows: 4096, columns: 4096 });
    const { size, blocks } = statSync(join(directory, "model.safetensors"));
    expect(size).toBeGreaterThan(2 ** 26);
    expect(blocks * 512).toBeLessThan(2 ** 20);
  });
});
