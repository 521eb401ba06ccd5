import { describe, expect, it } from "vitest";
import { HEADER_ATTACKS, MODEL_ATTACKS } from "../../../../attacks/index.mjs";
import { createMemorySource } from "../bytes/memory-source.js";
import { answer, directoryAnswer, faultyAttacks, untriedCodes } from "./attack-answers.fixture.js";
import { readHeaderBytes, validateHeader } from "./header.js";
import { openFile } from "./open-file.js";

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

describe("where problems are", () => {
  /** Fewer than eight bytes: there is nothing to point at. */
  const placeless = "safetensors/file-too-small";

  it.each(HEADER_ATTACKS.filter(({ code }) => code !== "ok"))("$name: a byte of the file", async ({ bytes }) => {
    for (const { code, facts } of validateHeader(await readHeaderBytes(createMemorySource(bytes)), bytes.length)) {
      const place = facts["byteOffset"];
      if (code === placeless) expect(place).toBeUndefined();
      else
        expect(Number.isInteger(place) && (place as number) >= 0 && (place as number) < bytes.length, code).toBe(true);
    }
  });

  it.each(HEADER_ATTACKS.filter(({ code }) => code !== "ok" && code !== placeless))(
    "$name: also in the error of the reader",
    async ({ bytes }) => {
      const opening = openFile(createMemorySource(bytes));
      await expect(opening).rejects.toMatchObject({ facts: { byteOffset: expect.any(Number) } });
    },
  );
});

describe("hostile directories", () => {
  it.each(MODEL_ATTACKS)("$name: $code", async ({ code, ...attack }) => {
    expect(await directoryAnswer(attack)).toBe(code);
  });
});

describe("the collection", () => {
  const attacks = [...HEADER_ATTACKS, ...MODEL_ATTACKS];

  it("has unique names and known codes", () => {
    expect(faultyAttacks(attacks)).toEqual([]);
  });

  it("has an attack for every code of the reader", () => {
    expect(untriedCodes("safetensors/", attacks)).toEqual(["safetensors/write-length", "safetensors/write-name"]);
  });
});
