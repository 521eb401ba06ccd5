import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvaluateAnswer } from "../evaluate/run-evaluate.js";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild, startLowbit, TINY_LLAMA } from "../run-lowbit.fixture.js";

const SENTENCE = "And the old man said unto the boy, Where is thy father? And he went down to the river again. ";

let folder: string;
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-evaluate-"));
  await writeFile(join(folder, "text.txt"), SENTENCE.repeat(30));
  await writeFile(join(folder, "long.txt"), SENTENCE.repeat(20_000));
  await writeFile(join(folder, "short.txt"), "Too short.");
  await writeFile(join(folder, "empty.txt"), "");
  await writeFile(
    join(folder, "latin1.txt"),
    Buffer.from(SENTENCE.repeat(30).replaceAll("father", "p\u00e8re"), "latin1"),
  );
  await writeFile(join(folder, "ids.json"), JSON.stringify(Array.from({ length: 100 }, (_, i) => i + 3)));
  await writeFile(join(folder, "large-ids.json"), JSON.stringify(Array.from({ length: 100 }, (_, i) => i + 2000)));
  await writeFile(join(folder, "words.json"), '["a", "b"]');
  await mkdir(join(folder, "bare"));
  for (const file of ["config.json", "model.safetensors"]) await cp(join(TINY_LLAMA, file), join(folder, "bare", file));
  await mkdir(join(folder, "nameless"));
  await cp(join(TINY_LLAMA, "model.safetensors"), join(folder, "nameless", "model.safetensors"));
  const config = JSON.parse(await readFile(join(TINY_LLAMA, "config.json"), "utf8")) as Record<string, unknown>;
  await writeFile(join(folder, "nameless", "config.json"), JSON.stringify({ ...config, bos_token_id: null }));
  const { exitCode } = await lowbit(["quantize", TINY_LLAMA, join(folder, "q2"), "--method", "rtn", "--bits", "2"]);
  expect(exitCode).toBe(0);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** "@name" is a path in the test's folder, "@model" the bundled model. */
const args = (command: string): string[] =>
  command.split(" ").map((word) => {
    if (!word.startsWith("@")) return word;
    return word === "@model" ? TINY_LLAMA : join(folder, word.slice(1));
  });

async function answer(command: string): Promise<EvaluateAnswer> {
  const { exitCode, stdout } = await lowbit([...args(`evaluate ${command}`), "--json"]);
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as EvaluateAnswer;
}

describe("lowbit evaluate", { timeout: 60_000 }, () => {
  it("prints perplexity and the exact protocol", async () => {
    const { exitCode, stdout } = await lowbit(args("evaluate @model --text @text.txt --context 64 --stride 32"));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/text .*text\.txt: \d+ tokens/);
    expect(stdout).toContain("context 64, windows of 63 ids at a stride of 32, begin token 1 before each window");
    expect(stdout).toMatch(/activations as the model was trained, keys and values f32/);
    expect(stdout).toMatch(/perplexity +± +nats a token +±\n.*tiny-llama +\d+\.\d+ +[\d.]+ +\d\.\d{6}/);
  });

  it("compares with the original, layer by layer", async () => {
    const { evaluation, against, layers } = await answer(
      "@q2 --text @text.txt --against @model --context 64 --max-tokens 300 --per-layer",
    );
    const { comparison } = against!;
    expect(evaluation.protocol).toMatchObject({ textTokens: 300, windows: 4, scoredTokens: 252 });
    expect(comparison.perplexityRatio.mean).toBeCloseTo(
      comparison.model.perplexity.mean / comparison.original.perplexity.mean,
      10,
    );
    expect(comparison.divergence.mean).toBeGreaterThan(0.01);
    expect(layers!.layers).toHaveLength(6 * 7 + 1);
    expect(layers!.blocks).toHaveLength(6);
    const printed = await lowbit(
      args("evaluate @q2 --text @text.txt --against @model --context 64 --max-tokens 100 --per-layer"),
    );
    expect(printed.stdout).toMatch(/ratio, difference \(paired\)/);
    expect(printed.stdout).toMatch(/linear layer, on the original's input +relative squared error/);
    expect(printed.stdout).toMatch(/KL\(original ‖ model\), nats a token/);
    expect(printed.stdout).toMatch(/model\.layers\.5\.mlp\.down_proj\.weight +\d/);
  });

  it("takes token ids, without a begin token unless one is asked for", async () => {
    const plain = await answer("@bare --tokens @ids.json --context 16");
    expect(plain.evaluation.protocol).toMatchObject({ beginRule: "none", textTokens: 100, windows: 6 });
    expect(plain.tokenizerIds).toBeUndefined();
    const begun = await answer("@bare --tokens @ids.json --context 16 --bos each-window");
    expect(begun.evaluation.protocol).toMatchObject({ beginRule: "each-window", beginToken: 1 });
  });

  it("rounds keys, values and activations", async () => {
    const run = "@model --text @text.txt --context 64 --max-tokens 130";
    const exact = await answer(run);
    const rounded = await answer(`${run} --kv-bits 2 --activation-bits 4`);
    const precision = { cachePrecision: 2, cacheGrouping: "token", rotateKeys: false, activationBits: 4 };
    expect(rounded.precision).toEqual(precision);
    expect(Math.abs(rounded.evaluation.nll.mean - exact.evaluation.nll.mean)).toBeGreaterThan(1e-4);
    const rotated = await answer(`${run} --kv-bits 2 --activation-bits 4 --kv-rotate`);
    expect(rotated.precision).toEqual({ ...precision, rotateKeys: true });
    expect(rotated.evaluation.nll.mean).not.toBe(rounded.evaluation.nll.mean);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends with 130 on %s", async (signal) => {
    const running = startLowbit(args("evaluate @model --text @long.txt --threads 1 --context 128"));
    await running.reported;
    running.kill(signal);
    const { exitCode, stdout, stderr } = await running.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: EXIT_CODES.interrupted, stdout: "" });
    expect(stderr).toContain("cancelled [evaluate/aborted]");
  });
});

const { usage, failure } = EXIT_CODES;
const MISTAKES: readonly (readonly [command: string, exitCode: number, code: string, says: RegExp])[] = [
  ["@model", usage, "options/command-line", /--text FILE or --tokens FILE/],
  ["@model --text @text.txt --tokens @ids.json", usage, "options/command-line", /cannot be used with/],
  ["@model --text @text.txt --per-layer", usage, "options/command-line", /--per-layer needs --against/],
  ["@model --text @text.txt --context 1", usage, "options/command-line", /whole number from 2/],
  ["@model --text @text.txt --kv-bits 3", usage, "options/command-line", /32/],
  [
    "@model --text @text.txt --kv-grouping channel",
    usage,
    "options/command-line",
    /--kv-grouping needs --kv-bits 8, 4 or 2/,
  ],
  [
    "@model --text @text.txt --kv-grouping token --kv-bits 16",
    usage,
    "options/command-line",
    /--kv-grouping needs --kv-bits 8, 4 or 2/,
  ],
  ["@model --text @text.txt --kv-rotate", usage, "options/command-line", /--kv-rotate needs --kv-bits 8, 4 or 2/],
  ["@model --text @text.txt --bos maybe", usage, "options/command-line", /auto, each-window, none/],
  ["@missing --text @text.txt", failure, "model/no-config", /missing: there is no config\.json/],
  ["@model --text @missing.txt --against @missing", failure, "model/no-config", /missing: there is no config\.json/],
  ["@bare --text @text.txt", failure, "tokenizer/missing-file", /bare: holds no tokenizer\.json/],
  ["@model --text @missing.txt", failure, "bytes/cannot-open", /missing\.txt: cannot be read \(ENOENT\)/],
  ["@model --text @latin1.txt", failure, "evaluate/invalid-text", /latin1\.txt: is not UTF-8/],
  ["@model --tokens @latin1.txt", failure, "evaluate/invalid-text", /latin1\.txt: is not UTF-8/],
  ["@model --text @empty.txt", failure, "evaluate/empty-text", /no tokens/],
  ["@model --text -", failure, "evaluate/empty-text", /no tokens/],
  [
    "@model --text @short.txt",
    failure,
    "evaluate/text-too-short",
    /\d tokens; one window of a context of 256 needs 255/,
  ],
  [
    "@model --text @text.txt --max-tokens 10",
    failure,
    "evaluate/text-too-short",
    /has \d{3,} tokens, of which the first 10 were to be used; one window of a context of 256 needs 255/,
  ],
  ["@model --text @text.txt --context 512", failure, "evaluate/context-too-long", /512 .* at most 256/],
  ["@model --text @text.txt --context 32 --stride 32", failure, "evaluate/invalid-option", /from 1 to 31/],
  ["@model --tokens @words.json", failure, "evaluate/invalid-tokens", /entry 0 is "a"/],
  ["@model --tokens @text.txt", failure, "evaluate/invalid-tokens", /no JSON/],
  [
    "@nameless --tokens @ids.json --context 8 --bos each-window",
    failure,
    "evaluate/no-begin-token",
    /names a begin token/,
  ],
  ["@model --tokens @large-ids.json --context 8", failure, "evaluate/token-out-of-range", /ids from 0 to 2047/],
];

describe.concurrent("a mistake", { timeout: 60_000 }, () => {
  it.each(MISTAKES)("evaluate %s → %i, %s", async (command, exitCode, code, says) => {
    const { exitCode: found, stdout } = await lowbit([...args(`evaluate ${command}`), "--json"]);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect({ exitCode: found, code: error.code }).toEqual({ exitCode, code });
    expect(error.message).toMatch(says);
  });
});
