import { describe, expect, it } from "vitest";
import { fuzzGgufReader } from "../../../../attacks/fuzz-gguf-reader.mjs";
import type { ByteSource } from "../bytes/byte-source.js";
import { ERROR_CODES, isLowbitError } from "../errors/index.js";
import { readGgufHeader, validateGguf } from "./gguf-header.js";

const reader = { ERROR_CODES, isLowbitError, readGgufHeader, validateGguf };

describe("fuzzed GGUF files", () => {
  it("are read correctly or refused with a code (12 000 inputs; more: node attacks/fuzz.mjs)", async () => {
    const outcome = await fuzzGgufReader(reader, { seed: 1, count: 12_000 });
    // The inputs reach everything: sound files, and every code that one file can have.
    expect(outcome.read).toBeGreaterThan(2000);
    expect(Object.keys(outcome.refused).length).toBeGreaterThan(20);
  }, 60_000);

  it("would notice a reader that takes a wrong shape", async () => {
    const careless = {
      ...reader,
      async readGgufHeader(source: ByteSource, options: object) {
        const header = await readGgufHeader(source, options);
        return {
          ...header,
          tensors: header.tensors.map((tensor) => ({ ...tensor, shape: [...tensor.shape].reverse() })),
        };
      },
    };
    await expect(fuzzGgufReader(careless, { seed: 1, count: 2000 })).rejects.toThrow(/^input \d+ of seed 1/);
  });
});
