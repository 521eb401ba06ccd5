import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readText, readTokens } from "./read-tokens.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-read-tokens-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, "input");
  await writeFile(path, bytes);
  return path;
}

describe("readText", () => {
  it("keeps every character: line ends, a byte order mark, NUL", async () => {
    const text = "\ufeffone\r\ntwo\u0000 é漢🎉\ufeff";
    expect(await readText(await file(text))).toBe(text);
  });

  it.each([
    ["a lone byte of Latin-1", [0x61, 0xe9, 0x62]],
    ["UTF-16", [0xff, 0xfe, 0x61, 0x00]],
    ["a character that is cut off", [0x61, 0xe6, 0xbc]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
  ])("refuses %s", async (_what, bytes) => {
    const path = await file(Uint8Array.from(bytes));
    await expect(readText(path)).rejects.toMatchObject({ code: "evaluate/invalid-text", facts: { path } });
  });
});

describe("readTokens", () => {
  it("reads whole numbers, however they are written", async () => {
    expect(await readTokens(await file("[0, 4294967295, 7.0, 1e2]"))).toEqual(Uint32Array.of(0, 2 ** 32 - 1, 7, 100));
  });

  it.each(["[1, -1]", "[1.5]", '["1"]', "[null]", "[[1]]", "[4294967296]", '{"ids": [1]}', "5", "[1, 2", ""])(
    "refuses %s",
    async (json) => {
      await expect(readTokens(await file(json))).rejects.toMatchObject({ code: "evaluate/invalid-tokens" });
    },
  );
});
