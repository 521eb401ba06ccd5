import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { goldenTensors, memoryCheckpoint, readGolden } from "../architectures/golden-model.fixture.js";
import { openModelSource } from "../model/open-model-source.js";
import { sequenceLogits } from "./sequence-logits.fixture.js";

describe("a forward pass", () => {
  const backend = createReferenceBackend();
  const open = async (name: string) => {
    const golden = readGolden(name);
    const checkpoint = await memoryCheckpoint(goldenTensors(golden));
    return (await openModelSource({ name, checkpoint, config: golden.config }, backend)).load();
  };

  it("refuses tokens beyond the vocabulary", async () => {
    const model = await open("llama2");
    sequenceLogits(model, backend, [40]);
    expect(() => sequenceLogits(model, backend, [0, 41])).toThrow(
      expect.objectContaining({
        code: "model/unknown-token",
        facts: { token: 41, place: 1, vocabularySize: 41 },
      }),
    );
  });

  it("refuses positions beyond a table of them, and has no end where they turn", async () => {
    const gpt2 = await open("gpt2");
    sequenceLogits(gpt2, backend, Array<number>(32).fill(1));
    expect(() => sequenceLogits(gpt2, backend, Array<number>(33).fill(1))).toThrow(
      expect.objectContaining({ code: "model/unknown-position", facts: { position: 32, positions: 32 } }),
    );
    sequenceLogits(await open("llama2"), backend, Array<number>(65).fill(1));
  });
});
