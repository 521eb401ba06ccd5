import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HEADER_ATTACKS } from "../../../../attacks/index.mjs";
import { writeSafetensors } from "../safetensors/write-safetensors.js";
import { findCheckpointProblems } from "./find-checkpoint-problems.js";

const hostile = HEADER_ATTACKS.find(({ code }) => code === "safetensors/unknown-dtype")!;

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lowbit-problems-"));
  mkdirSync(at("model"));
  writeFileSync(at("model/a.safetensors"), writeSafetensors([]));
  writeFileSync(at("model/b.safetensors"), hostile.bytes);
  writeFileSync(at("lone.safetensors.index.json"), '{"weight_map":{"w":"gone.safetensors"}}');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("findCheckpointProblems", () => {
  it("lists the files of a directory with their problems and where these are", async () => {
    const found = await findCheckpointProblems(at("model"));
    const byFile = new Map(found.map(({ file, problems }) => [file, problems]));
    expect([...byFile.keys()].toSorted()).toEqual([at("model/a.safetensors"), at("model/b.safetensors")]);
    expect(byFile.get(at("model/a.safetensors"))).toEqual([]);
    expect(byFile.get(at("model/b.safetensors"))![0]).toMatchObject({
      code: "safetensors/unknown-dtype",
      facts: { byteOffset: expect.any(Number) },
    });
  });

  it("tells what is wrong with the whole where every header is sound", async () => {
    expect(await findCheckpointProblems(at("model/a.safetensors"))).toEqual([
      { file: at("model/a.safetensors"), problems: [] },
    ]);
    const index = at("lone.safetensors.index.json");
    expect(await findCheckpointProblems(index)).toMatchObject([
      { file: index, problems: [{ code: "safetensors/index-missing-shard" }] },
    ]);
  });

  it("passes on that there is no such file", async () => {
    await expect(findCheckpointProblems(at("none.safetensors"))).rejects.toMatchObject({ code: "bytes/cannot-open" });
  });
});
