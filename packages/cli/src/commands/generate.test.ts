import { beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild, startLowbit, TINY_LLAMA } from "../run-lowbit.fixture.js";

beforeAll(requireBuild);

const run = (...options: string[]) => lowbit(["generate", TINY_LLAMA, "--prompt", "The king", ...options]);

describe("lowbit generate", () => {
  it("prints the text alone on standard output, the speed on standard error", async () => {
    const [plain, json] = await Promise.all([run("--max-tokens", "12"), run("--max-tokens", "12", "--json")]);
    const report = JSON.parse(json.stdout);
    expect(report).toMatchObject({
      stop: "limit",
      promptTokens: expect.any(Number),
      tokensPerSecond: expect.any(Number),
    });
    expect(report.tokens).toHaveLength(12);
    expect(json.stderr).toBe("");
    expect(plain).toMatchObject({ exitCode: EXIT_CODES.ok, stdout: `${report.text}\n` });
    expect(plain.stderr).toMatch(/^prompt \d+ tokens at [\d.]+\/s; 12 tokens at .*stopped by --max-tokens\n$/);
  });

  it("draws the same text for the same seed", async () => {
    const draw = (seed: string) => run("--max-tokens", "20", "--temperature", "1.2", "--top-k", "40", "--seed", seed);
    const [first, again, other] = await Promise.all([draw("1"), draw("1"), draw("2")]);
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });

  it("takes the precisions", async () => {
    const cacheBytes = async (...options: string[]) =>
      JSON.parse((await run("--max-tokens", "2", "--json", ...options)).stdout).cacheBytes as number;
    const [exact, few] = await Promise.all([cacheBytes(), cacheBytes("--kv-bits", "16", "--activation-bits", "8")]);
    expect(few).not.toBe(exact);
  });

  /** A token takes a second there, so that there is time. */
  const startSlowly = () =>
    startLowbit(["generate", TINY_LLAMA, "--prompt", "The king", "--ignore-end", "--backend", "reference"]);

  it("ends cleanly on Ctrl-C", { timeout: 30_000 }, async () => {
    const running = startSlowly();
    await running.begun;
    running.kill("SIGINT");
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: EXIT_CODES.interrupted,
      stderr: "cancelled [generate/aborted]\n",
    });
  });

  it("stops without complaint when nobody reads any more", { timeout: 30_000 }, async () => {
    const running = startSlowly();
    await running.begun;
    running.stopReading();
    expect(await running.ended).toMatchObject({ exitCode: EXIT_CODES.ok, stderr: "" });
  });
});
