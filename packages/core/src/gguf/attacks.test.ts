import { describe, expect, it } from "vitest";
import { GGUF_ATTACKS, GGUF_MODEL_ATTACKS } from "../../../../attacks/index.mjs";
import { createMemorySource } from "../bytes/memory-source.js";
import { answer, directoryAnswer, faultyAttacks, untriedCodes } from "../safetensors/attack-answers.fixture.js";
import { readGgufHeader, validateGguf } from "./gguf-header.js";

describe("hostile GGUF files", () => {
  it.each(GGUF_ATTACKS)("$name: $code", async ({ bytes, code }) => {
    expect(await answer(() => readGgufHeader(createMemorySource(bytes)))).toBe(code);
  });

  it.each(GGUF_ATTACKS)("$name: the same in pieces of seven bytes", async ({ bytes, code }) => {
    expect(await answer(() => readGgufHeader(createMemorySource(bytes), { pieceBytes: 7 }))).toBe(code);
  });

  it.each(GGUF_ATTACKS)("$name: validateGguf agrees with the reader", async ({ bytes, code }) => {
    const problems = await validateGguf(createMemorySource(bytes));
    if (code === "ok") expect(problems).toEqual([]);
    else expect(problems.map((problem) => problem.code)).toContain(code);
  });
});

describe("where problems are", () => {
  it.each(GGUF_ATTACKS.filter(({ code }) => code !== "ok"))("$name: a byte of the file", async ({ bytes }) => {
    for (const { code, facts } of await validateGguf(createMemorySource(bytes))) {
      const place = facts["byteOffset"];
      if (bytes.length === 0) expect(place).toBeUndefined();
      else
        expect(Number.isInteger(place) && (place as number) >= 0 && (place as number) < bytes.length, code).toBe(true);
    }
  });
});

describe("hostile directories of GGUF files", () => {
  it.each(GGUF_MODEL_ATTACKS)("$name: $code", async ({ code, ...attack }) => {
    expect(await directoryAnswer(attack)).toBe(code);
  });
});

describe("the collection", () => {
  const attacks = [...GGUF_ATTACKS, ...GGUF_MODEL_ATTACKS];

  it("has unique names and known codes", () => {
    expect(faultyAttacks(attacks)).toEqual([]);
  });

  it("has an attack for every code of the reader", () => {
    expect(untriedCodes("gguf/", attacks)).toEqual([
      "gguf/block-value",
      // 256 MiB of metadata: header-limits.test.ts
      "gguf/header-too-large",
      // a warning of validateGguf: header-limits.test.ts
      "gguf/trailing-bytes",
      "gguf/write-name",
      "gguf/write-value",
      "gguf/write-length",
    ]);
  });
});
