import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { openTokenizer } from "./open-tokenizer.js";

it("opens the tokenizer of a model directory", async () => {
  const tokenizer = await openTokenizer(TINY_LLAMA);
  expect(tokenizer).toMatchObject({ vocabularySize: 2048, beginToken: 1, endTokens: [2], addsBeginToken: true });
});

it("names the directory that holds none", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lowbit-"));
  await expect(openTokenizer(directory)).rejects.toMatchObject({
    code: "tokenizer/missing-file",
    facts: { path: directory },
  });
  await rm(directory, { recursive: true });
});
