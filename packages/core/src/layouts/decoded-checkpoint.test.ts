import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { openFile } from "../safetensors/open-file.js";
import { arbitraryTerm } from "../terms/arbitrary-term.fixture.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { foldTransforms, type InputTransform } from "../terms/input-transform.js";
import { writeScales } from "../terms/scale-array.js";
import { decodedCheckpoint } from "./decoded-checkpoint.js";
import { filledWeight, lowbitFile } from "./lowbit/lowbit-file.fixture.js";

const backend = createReferenceBackend();
const norm = { name: "norm", dtype: "F32", shape: [2], data: new Uint8Array(Float32Array.of(1.5, -2).buffer) } as const;

function channelScale(columns: number): InputTransform {
  const scale = new Uint8Array(4 * columns);
  writeScales(
    Array.from({ length: columns }, (_, i) => 0.5 + i / 8),
    "F32",
    scale,
  );
  return { layout: { kind: "channel-scale", columns, scaleDtype: "F32" }, arrays: { scale } };
}

describe("decodedCheckpoint", () => {
  it("has any quantized weight as one F32 tensor, read from anywhere", async () => {
    const property = fc.asyncProperty(arbitraryTerm, fc.nat(), fc.nat(), async (term, a, b) => {
      fc.pre(term.layout.rows > 0);
      const { rows, columns } = term.layout;
      const transform = channelScale(columns);
      const file = lowbitFile([filledWeight("w", [term], [transform])], [norm]);
      const checkpoint = decodedCheckpoint(await openFile(createMemorySource(file)), backend);
      expect(checkpoint.tensors.map(({ name }) => name)).toEqual(["norm", "w"]);
      const tensor = checkpoint.tensor("w")!;
      expect(tensor).toMatchObject({ dtype: "F32", shape: [rows, columns], byteLength: 4 * rows * columns });

      const values = new Float32Array(rows * columns);
      decodeTerms([term], values, backend);
      foldTransforms([transform], { values, rows, columns }, backend);
      const [begin, end] = [a, b].map((place) => place % (values.length + 1)).sort((x, y) => x - y) as [number, number];
      const bytes = new Uint8Array(4 * (end - begin));
      await checkpoint.read(tensor, 4 * begin, bytes);
      expect(new Float32Array(bytes.buffer)).toEqual(values.subarray(begin, end));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("leaves plain tensors as they are", async () => {
    const checkpoint = decodedCheckpoint(await openFile(createMemorySource(lowbitFile([], [norm]))), backend);
    const bytes = new Uint8Array(8);
    await checkpoint.read(checkpoint.tensor("norm")!, 0, bytes);
    expect(bytes).toEqual(norm.data);
    await checkpoint.close();
  });
});
