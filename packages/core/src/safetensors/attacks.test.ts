import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HEADER_ATTACKS, MODEL_ATTACKS } from "../../../../attacks/index.mjs";
import { createMemorySource } from "../bytes/memory-source.js";
import { ERROR_CODES, isLowbitError } from "../errors/index.js";
import { openCheckpoint } from "../node/open-checkpoint.js";
import { readHeaderBytes, validateHeader } from "./header.js";
import { openFile } from "./open-file.js";

/** The code that `work` fails with, "ok" when it does not; other errors pass. */
async function answer(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    return error.code;
  }
}

describe("hostile files", () => {
  it.each(HEADER_ATTACKS)("$name: $code", async ({ bytes, code }) => {
    expect(await answer(() => openFile(createMemorySource(bytes)))).toBe(code);
  });

  it.each(HEADER_ATTACKS)("$name: validateHeader agrees with the reader", async ({ bytes, code }) => {
    const problems = validateHeader(await readHeaderBytes(createMemorySource(bytes)), bytes.length);
    expect(problems.length > 0).toBe(code !== "ok");
    if (code !== "ok") expect(problems.map((problem) => problem.code)).toContain(code);
  });
});

describe("hostile directories", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "lowbit-attacks-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(MODEL_ATTACKS)("$name: $code", async ({ name, files, code }) => {
    const path = join(directory, name);
    mkdirSync(path);
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes);
    const opened = answer(async () => (await openCheckpoint(path)).close());
    expect(await opened).toBe(code);
  });
});

describe("the collection", () => {
  const attacks = [...HEADER_ATTACKS, ...MODEL_ATTACKS];

  it("has unique names and known codes", () => {
    expect(new Set(attacks.map((attack) => attack.name)).size).toBe(attacks.length);
    for (const { code } of attacks) expect(code === "ok" || code in ERROR_CODES).toBe(true);
  });

  it("has an attack for every code of the reader", () => {
    const tried = new Set(attacks.map((attack) => attack.code));
    const untried = Object.keys(ERROR_CODES).filter((code) => code.startsWith("safetensors/") && !tried.has(code));
    expect(untried).toEqual(["safetensors/write-length", "safetensors/write-name"]);
  });
});
