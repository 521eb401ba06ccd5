import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomic } from "./atomic-write.js";
import { openFileSource, openSyncFileReader } from "./file-source.js";
import { openCheckpoint } from "./open-checkpoint.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lowbit-files-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("file source", () => {
  it("refuses a pipe with the name of a file instead of waiting for it", async () => {
    // Windows has no named pipes among its files.
    if (process.platform === "win32") return;
    const path = join(directory, "model.safetensors");
    execFileSync("mkfifo", [path]);
    await expect(openFileSource(path)).rejects.toMatchObject({ code: "bytes/cannot-open" });
  });

  it("follows links out of the directory, as model caches lay them out", async () => {
    mkdirSync(join(directory, "blobs"));
    mkdirSync(join(directory, "snapshot"));
    writeFileSync(join(directory, "blobs", "0123abcd"), Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d));
    symlinkSync("../blobs/0123abcd", join(directory, "snapshot", "model.safetensors"));
    const checkpoint = await openCheckpoint(join(directory, "snapshot"));
    expect(checkpoint.shards).toEqual(["model.safetensors"]);
    await checkpoint.close();
  });

  const content = Uint8Array.from({ length: 5000 }, (_, index) => index % 253);

  it("reads any span into the middle of a buffer, also many at once", async () => {
    const path = join(directory, "file");
    writeFileSync(path, content);
    const source = await openFileSource(path);
    expect(source.byteLength).toBe(5000);
    const buffer = new Uint8Array(5002).fill(0xee);
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => source.read(i * 100, buffer.subarray(1 + i * 100, 101 + i * 100))),
    );
    expect(buffer.subarray(1, 5001)).toEqual(content);
    expect([buffer[0], buffer[5001]]).toEqual([0xee, 0xee]);
    await expect(source.read(4999, new Uint8Array(2))).rejects.toMatchObject({ code: "bytes/out-of-bounds" });
    await source.close();
  });

  it("reports a file that shrinks while it is open, in both ways of reading", async () => {
    const path = join(directory, "file");
    writeFileSync(path, content);
    const source = await openFileSource(path);
    const reader = openSyncFileReader(path);
    writeFileSync(path, content.subarray(0, 10));
    await expect(source.read(0, new Uint8Array(20))).rejects.toMatchObject({
      code: "bytes/short-read",
      facts: { found: 10 },
    });
    expect(() => reader.read(0, new Uint8Array(20))).toThrow(expect.objectContaining({ code: "bytes/short-read" }));
    reader.close();
    await source.close();
  });

  it("says why a path cannot be opened", async () => {
    const missing = join(directory, "missing");
    await expect(openFileSource(missing)).rejects.toMatchObject({
      code: "bytes/cannot-open",
      facts: { path: missing, reason: "ENOENT" },
    });
    await expect(openFileSource(directory)).rejects.toMatchObject({ code: "bytes/cannot-open" });
    expect(() => openSyncFileReader(missing)).toThrow(expect.objectContaining({ code: "bytes/cannot-open" }));
  });
});

describe("writeFileAtomic", () => {
  it("makes a file, and replaces one in one step, leaving nothing beside it", async () => {
    const path = join(directory, "out");
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    await writeFileAtomic(path, "é");
    expect(readFileSync(path, "utf8")).toBe("é");
    expect(readdirSync(directory)).toEqual(["out"]);
  });

  it("removes what it wrote when the rename fails", async () => {
    const path = join(directory, "taken");
    await mkdir(join(path, "by-a-directory"), { recursive: true });
    await expect(writeFileAtomic(path, "x")).rejects.toMatchObject({ code: "pipeline/write-failed" });
    expect(readdirSync(directory)).toEqual(["taken"]);
  });

  it("says why when the folder is missing", async () => {
    await expect(writeFileAtomic(join(directory, "no", "out"), "x")).rejects.toMatchObject({
      code: "pipeline/write-failed",
      facts: { path: join(directory, "no", "out"), reason: "ENOENT" },
    });
  });
});

describe("openCheckpoint", () => {
  it("refuses paths that are no model, by cause", async () => {
    writeFileSync(join(directory, "model.bin"), "x");
    await expect(openCheckpoint(join(directory, "model.bin"))).rejects.toMatchObject({ code: "safetensors/no-model" });
    await expect(openCheckpoint(join(directory, "nothing"))).rejects.toMatchObject({ code: "bytes/cannot-open" });
  });
});
