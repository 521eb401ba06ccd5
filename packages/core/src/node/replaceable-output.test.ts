import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPartialIsOurs, checkReplaceable } from "./replaceable-output.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-replaceable-"));
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = { code: "pipeline/not-replaceable" };

describe("checkReplaceable", () => {
  it("lets an empty directory, a model directory and a safetensors file be replaced", async () => {
    await checkReplaceable(folder);
    await writeFile(join(folder, "model.safetensors"), "");
    await checkReplaceable(folder);
    await checkReplaceable(join(folder, "model.safetensors"));
  });

  it("refuses a directory that holds something else, and other files", async () => {
    await writeFile(join(folder, "thesis.tex"), "");
    await expect(checkReplaceable(folder)).rejects.toMatchObject(refusal);
    await expect(checkReplaceable(join(folder, "thesis.tex"))).rejects.toMatchObject(refusal);
  });
});

describe("checkPartialIsOurs", () => {
  it("accepts what is not there and what an earlier run left", async () => {
    await checkPartialIsOurs(join(folder, "absent"));
    await writeFile(join(folder, "file"), "");
    await checkPartialIsOurs(join(folder, "file", "below"));
    await rm(join(folder, "file"));
    await mkdir(join(folder, "files"));
    await writeFile(join(folder, "journal.jsonl"), "");
    await checkPartialIsOurs(folder);
  });

  it("refuses a directory or file of somebody else", async () => {
    await writeFile(join(folder, "notes.txt"), "");
    await expect(checkPartialIsOurs(folder)).rejects.toMatchObject(refusal);
    await expect(checkPartialIsOurs(join(folder, "notes.txt"))).rejects.toMatchObject(refusal);
  });
});
