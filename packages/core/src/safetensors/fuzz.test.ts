import { describe, expect, it } from "vitest";
import { fuzzReader } from "../../../../attacks/fuzz-reader.mjs";
import { ERROR_CODES, isLowbitError } from "../errors/index.js";
import { parseHeader, readHeaderBytes, validateHeader } from "./header.js";
import { readShardIndex } from "./shard-index.js";

const reader = { ERROR_CODES, isLowbitError, parseHeader, readHeaderBytes, validateHeader, readShardIndex };

describe("fuzzed files and indexes", () => {
  it("are read correctly or refused with a code (50 000 inputs; more: node attacks/fuzz.mjs)", async () => {
    const outcome = await fuzzReader(reader, { seed: 1, count: 50_000 });
    // The inputs reach everything: sound files, and every code that one file or index text can have.
    expect(outcome.read).toBeGreaterThan(5000);
    expect(Object.keys(outcome.refused).length).toBeGreaterThan(20);
  }, 60_000);

  it("would notice a reader that skips a check", async () => {
    const careless = { ...reader, parseHeader: (bytes: Uint8Array) => parseHeader(bytes, sizeWanted(bytes)) };
    await expect(fuzzReader(careless, { seed: 1, count: 2000 })).rejects.toThrow(/^input \d+ of seed 1/);
  });
});

/** The size that makes any end of the data look right. */
function sizeWanted(bytes: Uint8Array): number {
  const problem = validateHeader(bytes, bytes.length).at(-1);
  const isEnd = problem?.code === "safetensors/data-truncated" || problem?.code === "safetensors/trailing-bytes";
  return isEnd ? bytes.length + Number(problem.facts["expected"]) - Number(problem.facts["found"]) : bytes.length;
}
