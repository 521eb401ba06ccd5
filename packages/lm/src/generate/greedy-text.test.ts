import { readFileSync } from "node:fs";
import { createReferenceBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import { ComputeOps } from "../forward/compute-ops.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { loadModel } from "../node/open-model.js";
import { withSharedData } from "../shared-data.fixture.js";
import { mostLikely } from "./choose-token.js";
import { generateTokens } from "./generate-tokens.js";
import { collect } from "./random-model.fixture.js";

const TIMEOUT_MS = 30_000;

for (const name of ["stories260K", "babyllama105"]) {
  withSharedData("generateTokens", `models/${name}`, (path) => {
    const { greedy_from_bos_ids: ids } = JSON.parse(readFileSync(`${path}/reference.json`, "utf8")) as {
      greedy_from_bos_ids: number[];
    };
    const [begin, ...text] = ids;

    it.each(testBackends.filter((backend) => backend.name !== "reference"))(
      `gives the greedy text of ${name} on $name`,
      async ({ create }) => {
        const backend = await create();
        const model = await loadModel(path, backend);
        const options = { maxTokens: text.length, endTokens: [] };
        const tokens = await collect(generateTokens(model, backend, Uint32Array.of(begin!), options));
        expect(tokens).toEqual(text);
        model.close();
        backend.close();
      },
      TIMEOUT_MS,
    );

    // Token by token the reference takes a minute. All positions at once say the same: every token of the text is the
    // most likely one after those before it.
    it(
      `gives the greedy text of ${name} on reference`,
      async () => {
        const backend = createReferenceBackend();
        const model = await loadModel(path, backend);
        const start = await collect(generateTokens(model, backend, Uint32Array.of(begin!), { maxTokens: 6 }));
        expect(start).toEqual(text.slice(0, 6));
        const ops = new ComputeOps(backend);
        const batch = { tokens: Uint32Array.from(ids), sequences: 1, length: ids.length, firstPosition: 0 };
        const logits = runHead(ops, model, runBlocks(ops, model, batch, passContext(model, batch)));
        const next = ids.map((_, i) =>
          mostLikely(logits.values.subarray(i * logits.columns, (i + 1) * logits.columns)),
        );
        expect(next.slice(0, -1)).toEqual(text);
        model.close();
        backend.close();
      },
      TIMEOUT_MS,
    );
  });
}
