import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "./exit-codes.js";
import { requireBuild, startLowbit, TINY_LLAMA } from "./run-lowbit.fixture.js";

let folder: string;
let input: string;
let expected: string[];
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-interrupt-"));
  input = join(folder, "model");
  await cp(TINY_LLAMA, input, { recursive: true });
  const whole = join(folder, "whole");
  expect((await quantize(whole).ended).exitCode).toBe(0);
  expected = await hashes(whole);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** Slow on the reference backend, so that there is time to interrupt it; the bytes are those of every backend. */
const quantize = (output: string, ...more: string[]) =>
  startLowbit(["quantize", input, output, "--method", "hqq", "--bits", "3", "--group", "128", ...more]);

async function hashes(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).toSorted();
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  return Promise.all(names.map(async (name) => `${name} ${digest(await readFile(join(directory, name)))}`));
}

/** Until the journal of an unfinished output names a complete tensor. */
async function begun(output: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const journal = await readFile(join(`${output}.partial`, "journal.jsonl"), "utf8").catch(() => "");
    if (journal.split("\n").length > 2) return;
    await wait(20);
  }
  throw new Error("the run completed no tensor within 20 s");
}

/** Until the files of an unfinished output have their places. */
async function laidOut(output: string): Promise<void> {
  for (let tries = 0; tries < 4000; tries++) {
    if (existsSync(join(`${output}.partial`, "journal.jsonl"))) return;
    await wait(5);
  }
  throw new Error("the run laid out nothing within 20 s");
}

describe("convert", { timeout: 90_000 }, () => {
  const convert = (output: string, to: string, ...more: string[]) =>
    startLowbit(["convert", input, output, "--to", to, "--allow-requantize", "--no-errors", ...more]);
  const slowly = ["--threads", "1", "--backend", "reference"];

  it("to GGUF: ends with 130, and --resume gives the bytes of an uninterrupted run", async () => {
    const [output, whole] = [join(folder, "c.gguf"), join(folder, "whole.gguf")];
    const running = convert(output, "gguf:Q4_K_M", ...slowly);
    await begun(output);
    running.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: EXIT_CODES.interrupted, stdout: "" });
    expect(stderr).toMatch(/pipeline\/aborted.*\n.*--resume/);
    await expect(stat(output)).rejects.toThrow(/ENOENT/);

    expect((await convert(output, "gguf:Q4_K_M").ended).stderr).toContain("[pipeline/partial-exists]");
    expect((await convert(output, "gguf:Q4_K_M", "--resume").ended).exitCode).toBe(0);
    expect((await convert(whole, "gguf:Q4_K_M").ended).exitCode).toBe(0);
    expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
    await expect(stat(`${output}.partial`)).rejects.toThrow(/ENOENT/);
  });

  it("to another layout: ends with 130 and leaves nothing", async () => {
    const output = join(folder, "c-nf4");
    const running = convert(output, "bitsandbytes", ...slowly);
    await laidOut(output);
    running.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: EXIT_CODES.interrupted, stdout: "" });
    expect(stderr).toContain("Other layouts start again");
    expect((await readdir(folder)).filter((name) => name.startsWith("c-nf4"))).toEqual([]);
  });
});

describe.each([
  ["SIGINT", "1"],
  ["SIGINT", "2"],
  ["SIGTERM", "2"],
] as const)("%s with %s threads", { timeout: 90_000 }, (signal, threads) => {
  it("ends with 130, says how to go on, and --resume gives the bytes of an uninterrupted run", async () => {
    const output = join(folder, `${signal}-${threads}`);
    const running = quantize(output, "--threads", threads, "--backend", "reference");
    await begun(output);
    running.kill(signal);
    const { exitCode, stdout, stderr } = await running.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: EXIT_CODES.interrupted, stdout: "" });
    expect(stderr).toMatch(/pipeline\/aborted.*\n.*--resume/);
    await expect(stat(output)).rejects.toThrow(/ENOENT/);

    const refused = await quantize(output).ended;
    expect(refused.exitCode).toBe(EXIT_CODES.failure);
    expect(refused.stderr).toContain("[pipeline/partial-exists]");

    const resumed = await quantize(output, "--resume", "--json").ended;
    expect(resumed.exitCode).toBe(0);
    const { tensors } = JSON.parse(resumed.stdout) as { tensors: { resumed: boolean }[] };
    expect(tensors.some((tensor) => tensor.resumed)).toBe(true);
    expect(tensors.some((tensor) => !tensor.resumed)).toBe(true);
    expect(await hashes(output)).toEqual(expected);
    expect((await readdir(folder)).filter((name) => name.includes(".partial"))).toEqual([]);
  });
});
