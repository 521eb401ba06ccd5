import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDirectory } from "./make-directory.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-directory-"));
  await writeFile(join(folder, "file"), "");
});
afterAll(() => rm(folder, { recursive: true }));

describe("makeDirectory", () => {
  it("creates all missing parents, and accepts what is there", async () => {
    const path = join(folder, "a", "b", "c");
    await makeDirectory(path);
    await makeDirectory(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it.each(["file", "file/below"])("refuses a path that goes through a file: %s", async (path) => {
    await expect(makeDirectory(join(folder, path))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it.runIf(process.platform === "linux")("ends where the file system takes no directories", async () => {
    await expect(makeDirectory("/proc/lowbit/below")).rejects.toThrow(/ENOENT|EACCES|EPERM/);
  });
});
