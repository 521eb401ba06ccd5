import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withSharedData } from "../shared-data.fixture.js";
import { BLOCK_TYPES } from "./block-table.js";
import { decoded } from "./decoded.fixture.js";

withSharedData("ggml vectors", "vectors/ggml-ref-24x1024.safetensors", (path) => {
  const tensors = readTensors(new Uint8Array(readFileSync(path)));
  const input = tensors.get("input")!;
  const values = new Float32Array(input.slice().buffer);
  const rows = 24;
  const columns = 1024;

  describe.each(Object.values(BLOCK_TYPES).filter((type) => tensors.has(`${spelled(type.name)}.bytes`)))(
    "$name",
    (type) => {
      const blocks = tensors.get(`${spelled(type.name)}.bytes`)!;

      it("decodes ggml's blocks to ggml's values", () => {
        const expected = new Float32Array(tensors.get(`${spelled(type.name)}.dequant`)!.slice().buffer);
        expect(decoded(type.unpack(blocks, rows, columns))).toEqual(expected.map((value) => value + 0));
      });

      if (type.encode) {
        it("encodes as ggml does", () => {
          const encoded = new Uint8Array(blocks.length);
          type.encode!(values, encoded);
          expect(encoded).toEqual(blocks);
        });
      }

      if (type.pack) {
        it("packs what it unpacked", () => {
          expect(type.pack!([type.unpack(blocks, rows, columns)])).toEqual({ blocks });
        });
      }
    },
  );
});

/** Names of the vectors: iq4_nl, q4_K, q4_0. */
function spelled(name: string): string {
  return name.toLowerCase().replace(/_k$/, "_K");
}

function readTensors(bytes: Uint8Array): Map<string, Uint8Array> {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(
        ([
          name,
          {
            data_offsets: [begin, end],
          },
        ]) => [name, bytes.subarray(8 + length + begin, 8 + length + end)],
      ),
  );
}
