import { readFileSync } from "node:fs";
import { createNativeBackend } from "@lowbit/kernels-native";
import { describe, expect, it } from "vitest";
import { loadModel } from "../node/open-model.js";
import { openTokenizer } from "../node/open-tokenizer.js";
import { sharedData, withSharedData } from "../shared-data.fixture.js";
import { evaluateTokens } from "./evaluate-tokens.js";
import { quantizedCopies } from "./quantized-copies.fixture.js";

/** Round to nearest, asymmetric, zero inside the range, f32 scales: the table in the README of the shared data. */
const ROWS = [
  { name: "stories260K", group: "row", windows: 40, perplexity: { 8: "4.5309", 4: "5.0440", 3: "12.644", 2: "511.4" } },
  {
    name: "babyllama105",
    group: 32,
    windows: 60,
    perplexity: { 8: "2.29799", 4: "2.38338", 3: "2.81653", 2: "10.781" },
  },
] as const;

for (const { name, group, windows, perplexity } of ROWS) {
  withSharedData("rtn table", `models/${name}`, (directory) => {
    describe(`${name} by rtn`, () => {
      const copies = quantizedCopies();
      it.each(Object.entries(perplexity))("with %s bits has a perplexity of %s", async (bits, printed) => {
        const options = { bits: Number(bits), zero: "integer", group, scaleDtype: "F32" };
        const path = await copies.quantized(directory, "rtn", options);
        const backend = createNativeBackend();
        const model = await loadModel(path, backend);
        const tokenizer = await openTokenizer(path);
        const text = readFileSync(`${sharedData}/text/tinystories_excerpt.txt`, "utf8").slice(0, 60_000);
        const result = await evaluateTokens(model, backend, tokenizer.encode(text), {
          beginToken: tokenizer.beginToken!,
          maxWindows: windows,
        });
        const digits = printed.split(".")[1]!.length;
        expect(result.perplexity.mean.toFixed(digits)).toBe(printed);
        model.close();
        backend.close();
      });
    });
  });
}
