import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import type { StoredQuantizedWeight } from "../layouts/logical-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import { quantizeCheckpoint } from "../node/quantize-checkpoint.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import { openFile } from "../safetensors/open-file.js";
import { writeSafetensors } from "../safetensors/write-safetensors.js";
import type { Term } from "../terms/term.js";
import { termArray, termArrays } from "../terms/term-arrays.js";
import { quantizeMatrix } from "./quantize-matrix.js";

const BACKEND = {
  module: new URL("../backend/reference/reference-backend.ts", import.meta.url).href,
  exportName: "createReferenceBackend",
};

it.each(["rtn", "svid", "ternary"])(
  "%s gives the terms of a checkpoint of many blocks, to the byte",
  async (method) => {
    // 2^17 weights are a block.
    const [rows, columns] = [700, 512];
    const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i * 0.37));
    const folder = await mkdtemp(join(tmpdir(), "lowbit-matrix-"));
    try {
      const [input, output] = [join(folder, "in.safetensors"), join(folder, "out.safetensors")];
      const tensor = {
        name: "w.weight",
        dtype: "F32",
        shape: [rows, columns],
        data: new Uint8Array(values.buffer),
      } as const;
      await writeFile(input, writeSafetensors([tensor]));
      const plan = { method, options: {}, rules: [] };
      await quantizeCheckpoint({ input, output, plan, quantizers: QUANTIZERS, threads: 1, backend: BACKEND });
      const checkpoint = await openFile(createMemorySource(new Uint8Array(await readFile(output))));
      const [weight] = recogniseWeights(checkpoint) as readonly StoredQuantizedWeight[];
      const stored = await (await weight!.open()).rows(0, rows);
      const made = quantizeMatrix(QUANTIZERS[method]!, { rows, columns, values }, {}, createReferenceBackend());
      const bytes = (terms: readonly Term[]) =>
        terms.flatMap((term) =>
          termArrays(term.layout).map(({ name }) => `${name} ${Buffer.from(termArray(term, name)).toString("base64")}`),
        );
      expect(made.map(({ layout }) => layout)).toEqual(stored.map(({ layout }) => layout));
      expect(bytes(made)).toEqual(bytes(stored));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
