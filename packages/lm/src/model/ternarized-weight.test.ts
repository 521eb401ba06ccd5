import { createReferenceBackend } from "@lowbit/core/backend";
import { type PlainWeight, recogniseWeights } from "@lowbit/core/layouts";
import { decodeTerms } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { floatTensor, memoryCheckpoint } from "../architectures/golden-model.fixture.js";
import { PartMemory } from "./part-memory.js";
import { ternarizedTerm } from "./ternarized-weight.js";

const backend = createReferenceBackend();

async function ternarized(values: readonly number[], columns: number): Promise<readonly number[]> {
  const rows = values.length / columns;
  const checkpoint = await memoryCheckpoint([floatTensor("w", [rows, columns], "F32", Float32Array.from(values))]);
  const memory = new PartMemory();
  const reader = { checkpoint, backend };
  const { term, fill } = ternarizedTerm(recogniseWeights(checkpoint)[0] as PlainWeight, rows, columns, memory, reader);
  memory.allocate(backend);
  await fill();
  const decoded = new Float32Array(values.length);
  decodeTerms([term], decoded, backend);
  return [...decoded];
}

describe("ternarizedTerm", () => {
  it("rounds to multiples of the mean magnitude of the whole tensor, halves to even", async () => {
    // The mean is 2: 1 is half of it and goes to 0.
    expect(await ternarized([1, -1, 1.125, -8, 0.875, 0, 0, 4], 4)).toEqual([0, 0, 2, -2, 0, 0, 0, 2]);
  });

  it("keeps a tensor of zeros at zero", async () => {
    expect(await ternarized([0, 0, -0, 0], 2)).toEqual([0, 0, 0, 0]);
  });
});
