import { describe, expect, it } from "vitest";
import { GGUF_ATTACKS, HEADER_ATTACKS } from "../../../../attacks/index.mjs";
import { createMemorySource } from "../bytes/memory-source.js";
import { LowbitError } from "../errors/index.js";
import { writeSafetensors } from "../safetensors/write-safetensors.js";
import { type CheckedFile, checkpointProblems, headerProblems } from "./header-problems.js";
import { openCheckpointFiles } from "./open-checkpoint-files.js";

const hostile = HEADER_ATTACKS.find(({ code }) => code === "safetensors/unknown-dtype")!;
const sound = writeSafetensors([]);

describe("headerProblems", () => {
  it("lists those of either container", async () => {
    expect(await headerProblems(createMemorySource(sound))).toEqual([]);
    const codes = (await headerProblems(createMemorySource(hostile.bytes))).map(({ code }) => code);
    expect(codes).toContain("safetensors/unknown-dtype");
    const gguf = GGUF_ATTACKS.find(({ code }) => code === "gguf/unknown-version")!;
    expect((await headerProblems(createMemorySource(gguf.bytes)))[0]!.code).toBe("gguf/unknown-version");
    expect((await headerProblems(createMemorySource(sound, "m.gguf")))[0]!.code).toBe("gguf/magic");
  });
});

describe("checkpointProblems", () => {
  const files = (contents: Readonly<Record<string, Uint8Array>>, closed: string[] = []): CheckedFile[] =>
    Object.entries(contents).map(([file, bytes]) => ({
      file,
      open: async () => ({ ...createMemorySource(bytes, file), close: async () => void closed.push(file) }),
    }));

  it("looks at every file, and at the whole only when all are sound", async () => {
    const closed: string[] = [];
    const openWhole = () => Promise.reject(new LowbitError("safetensors/index-json", "no index", { at: 1 }));
    const bad = await checkpointProblems("m", files({ a: sound, b: hostile.bytes, c: sound }, closed), openWhole);
    expect(bad.map(({ file, problems }) => [file, problems.length > 0])).toEqual([
      ["a", false],
      ["b", true],
      ["c", false],
    ]);
    expect(closed).toEqual(["a", "b", "c"]);
    expect(await checkpointProblems("m", files({ a: sound }), openWhole)).toEqual([
      { file: "a", problems: [] },
      { file: "m", problems: [{ code: "safetensors/index-json", message: "no index", facts: { at: 1 } }] },
    ]);
  });

  it("is empty for a sound checkpoint, and passes on what is no fault of the files", async () => {
    const whole = () => openCheckpointFiles("a.safetensors", [{ name: "a.safetensors", bytes: sound }]);
    expect(await checkpointProblems("m", files({ a: sound }), whole)).toEqual([{ file: "a", problems: [] }]);
    const broken = () => Promise.reject(new TypeError("ours"));
    await expect(checkpointProblems("m", [], broken)).rejects.toThrow("ours");
  });
});
