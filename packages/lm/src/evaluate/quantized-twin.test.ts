import { readFileSync } from "node:fs";
import { createNativeBackend } from "@lowbit/kernels-native";
import { describe, expect, it } from "vitest";
import { blockLinears } from "../model/layers.js";
import { loadModel } from "../node/open-model.js";
import { openTokenizer } from "../node/open-tokenizer.js";
import { sharedData, withSharedData } from "../shared-data.fixture.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { evaluateTokens } from "./evaluate-tokens.js";
import { quantizedCopies } from "./quantized-copies.fixture.js";
import { SHORT_TEXT } from "./short-text.fixture.js";

const METHODS = [
  ["affine", "rtn", { bits: 3 }],
  ["sign", "binary", {}],
  ["ternary", "ternary", {}],
  ["codebook", "nf4", {}],
] as const;

function expectTwins(directory: string, text: string, context: number): void {
  const copies = quantizedCopies();

  async function evaluated(path: string): Promise<{ nll: number; kinds: ReadonlySet<string> }> {
    const backend = createNativeBackend({ threads: 1 });
    const model = await loadModel(path, backend);
    const tokenizer = await openTokenizer(directory);
    const options = { context, beginToken: tokenizer.beginToken!, maxWindows: 4 };
    const { nll } = await evaluateTokens(model, backend, tokenizer.encode(text), options);
    const kinds = new Set(
      model.blocks.flatMap(blockLinears).flatMap(({ terms }) => terms.map(({ layout }) => layout.kind)),
    );
    model.close();
    backend.close();
    return { nll: nll.mean, kinds };
  }

  it.each(METHODS)(
    "on %s terms evaluates like its dequantized twin",
    { timeout: 30_000 },
    async (kind, method, options) => {
      const packed = await copies.quantized(directory, method, options);
      const [found, expected] = [await evaluated(packed), await evaluated(await copies.dequantized(packed))];
      expect(found.kinds).toContain(kind);
      expect([...expected.kinds]).toEqual(["dense"]);
      expect(Math.abs(found.nll / expected.nll - 1)).toBeLessThan(1e-4);
      expect(found.nll).not.toBe((await evaluated(directory)).nll);
    },
  );

  it("on a sum of sparse and dense terms evaluates like the model itself", async () => {
    const found = await evaluated(await copies.split(directory));
    expect([...found.kinds]).toEqual(["sparse", "dense"]);
    expect(Math.abs(found.nll / (await evaluated(directory)).nll - 1)).toBeLessThan(1e-4);
  });

  it("on stored forms evaluates like its dequantized twin", { timeout: 30_000 }, async () => {
    const packed = await copies.stored(directory);
    const found = await evaluated(packed);
    expect([...found.kinds]).toEqual(["affine", "sparse", "sign"]);
    const twin = await evaluated(await copies.dequantized(packed));
    expect([...twin.kinds]).toEqual(["dense"]);
    expect(Math.abs(found.nll / twin.nll - 1)).toBeLessThan(1e-4);
    expect(found.nll).not.toBe((await evaluated(directory)).nll);
  });
}

describe("tiny-llama", () => expectTwins(TINY_LLAMA, SHORT_TEXT, 32));

withSharedData("quantized twin", "models/stories260K", (directory) => {
  const text = readFileSync(`${sharedData}/text/tinystories_excerpt.txt`, "utf8").slice(0, 5000);
  describe("stories260K", () => expectTwins(directory, text, 256));
});
