import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild, TINY_LLAMA } from "../run-lowbit.fixture.js";

let folder: string;
let text: string;

beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-cli-transform-"));
  text = join(folder, "text.txt");
  await writeFile(text, (await readFile(join(TINY_LLAMA, "sample.txt"), "utf8")).slice(0, 2500));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command that must succeed and answer in JSON. */
async function answer(...args: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await lowbit([...args, "--json"]);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function perplexity(model: string, ...options: string[]): Promise<number> {
  const { evaluation } = await answer("evaluate", model, "--text", text, ...options);
  return (evaluation as { perplexity: { mean: number } }).perplexity.mean;
}

const at = (name: string): string => join(folder, name);

describe("lowbit transform", { timeout: 60_000 }, () => {
  it("keeps the perplexity of the bundled model with R1 and R2 merged", async () => {
    const report = await answer("transform", TINY_LLAMA, at("rotated"), "--rotate", "R1,R2");
    expect(report).toMatchObject({ output: at("rotated"), tensors: 57 });
    const [plain, rotated] = [await perplexity(TINY_LLAMA), await perplexity(at("rotated"))];
    expect(Math.abs(rotated / plain - 1)).toBeLessThan(1e-5);
  });

  it("keeps it with scales merged, from statistics of this model only", async () => {
    const statistics = at("squares.safetensors");
    const shared = ["--text", text, "--samples", "4", "--sample-length", "64"];
    await answer("calibrate", TINY_LLAMA, ...shared, "--collect", "mean-square", "--out", statistics);
    await answer("transform", TINY_LLAMA, at("smooth"), "--smooth", "0.5", "--statistics", statistics);
    const [plain, smooth] = [await perplexity(TINY_LLAMA), await perplexity(at("smooth"))];
    expect(Math.abs(smooth / plain - 1)).toBeLessThan(1e-4);
    const other = await lowbit(["transform", at("smooth"), at("twice"), "--smooth", "0.5", "--statistics", statistics]);
    expect(other).toMatchObject({ exitCode: EXIT_CODES.failure });
    expect(other.stderr).toContain("calibration/other-model");
    expect(await readdir(folder)).not.toContain("twice");
  });

  it("merges AWQ's scales, so that rounding loses less and no transform is stored", async () => {
    const statistics = at("inputs.safetensors");
    const shared = ["--text", text, "--samples", "4", "--sample-length", "64"];
    await answer("calibrate", TINY_LLAMA, ...shared, "--collect", "hessian,mean-abs", "--out", statistics);
    const grid = ["--bits", "3", "--group", "128"];
    await answer("transform", TINY_LLAMA, at("scaled"), "--awq", ...grid, "--statistics", statistics);
    const [plain, scaled] = [await perplexity(TINY_LLAMA), await perplexity(at("scaled"))];
    expect(Math.abs(scaled / plain - 1)).toBeLessThan(1e-5);
    const squares = at("scaled-inputs.safetensors");
    await answer("calibrate", at("scaled"), ...shared, "--collect", "hessian", "--out", squares);
    const unsearched = ["--method", "awq", ...grid, "--scale-search", "false", "--clip-search", "false"];
    const report = await answer("quantize", at("scaled"), at("scaled3"), ...unsearched, "--statistics", squares);
    const rounding = ["--method", "rtn", ...grid, "--statistics", statistics];
    const rounded = await answer("quantize", TINY_LLAMA, at("rounded3"), ...rounding);
    expect(totalsOf(report).storedBitsPerWeight).toBe(totalsOf(rounded).storedBitsPerWeight);
    expect(totalsOf(report).relativeOutputError).toBeLessThan(0.98 * totalsOf(rounded).relativeOutputError);
  });

  it.each([
    ["--rotate R3", EXIT_CODES.usage, "It is a list of R1, R2."],
    ["--rotate R1 --smooth 2", EXIT_CODES.usage, "It is a number from 0 to 1."],
    ["--smooth 0.5", EXIT_CODES.usage, "options/command-line"],
    ["--rotate R1 --statistics file", EXIT_CODES.usage, "options/command-line"],
    ["--awq", EXIT_CODES.usage, "options/command-line"],
    ["--rotate R1 --bits 3", EXIT_CODES.usage, "--bits needs --awq."],
    ["--awq --group 0", EXIT_CODES.usage, "It is a number of columns, or row."],
    ["", EXIT_CODES.failure, "transform/invalid-option"],
  ])("refuses %s", async (flags, exitCode, says) => {
    const given = flags === "" ? [] : flags.split(" ");
    const answered = await lowbit(["transform", TINY_LLAMA, at("refused"), ...given]);
    expect(answered.exitCode).toBe(exitCode);
    expect(answered.stderr).toContain(says);
    expect(await readdir(folder)).not.toContain("refused");
  });
});

describe("lowbit quantize --rotate and --smooth", { timeout: 60_000 }, () => {
  const eightBits = ["--method", "rtn", "--bits", "8", "--group", "32"];

  it("quantizes the rotated model, and leaves nothing else behind; --dry-run has the same sizes", async () => {
    const flags = [...eightBits, "--rotate", "R1,R2,R4"];
    const before = await readdir(folder);
    const forecast = await answer("quantize", TINY_LLAMA, at("turned8"), ...flags, "--dry-run");
    expect(await readdir(folder)).toEqual(before);
    const report = await answer("quantize", TINY_LLAMA, at("turned8"), ...flags);
    expect((await readdir(folder)).filter((name) => !before.includes(name))).toEqual(["turned8"]);
    expect(forecast["totals"]).toMatchObject({ storedBitsPerWeight: totalsOf(report).storedBitsPerWeight });
    const [plain, rotated] = [await perplexity(TINY_LLAMA), await perplexity(at("turned8"))];
    expect(Math.abs(rotated / plain - 1)).toBeLessThan(0.01);
  });

  it("R4 lowers the loss from activations of 4 bits", async () => {
    await answer("quantize", TINY_LLAMA, at("plain8"), ...eightBits);
    await answer("quantize", TINY_LLAMA, at("r4"), ...eightBits, "--rotate", "R4");
    const [plain, rotated] = [await perplexity(at("plain8")), await perplexity(at("r4"))];
    expect(Math.abs(rotated / plain - 1)).toBeLessThan(0.01);
    const rounded = ["--activation-bits", "4"];
    const loss = Math.log((await perplexity(at("plain8"), ...rounded)) / plain);
    expect(Math.log((await perplexity(at("r4"), ...rounded)) / rotated)).toBeLessThan(0.6 * loss);
  });

  it("smoothing collects what it reads, and names it where there is nothing to collect it on", async () => {
    const smooth = [...eightBits, "--smooth", "0.5"];
    const calibration = ["--calibrate", text, "--samples", "4", "--sample-length", "64"];
    await answer("quantize", TINY_LLAMA, at("smooth8"), ...smooth, ...calibration);
    const [plain, smoothed] = [await perplexity(TINY_LLAMA), await perplexity(at("smooth8"))];
    expect(Math.abs(smoothed / plain - 1)).toBeLessThan(0.01);
    const without = await lowbit(["quantize", TINY_LLAMA, at("without"), ...smooth]);
    expect(without).toMatchObject({ exitCode: EXIT_CODES.failure });
    expect(without.stderr).toContain("quantize/statistics-needed");
    expect(without.stderr).toContain("mean-square for smooth 0.5");
  });

  it("goes on where a run was killed while it rotated", async () => {
    await mkdir(at("killed.rotated.partial/files"), { recursive: true });
    await writeFile(at("killed.rotated.partial/journal.jsonl"), "");
    const flags = [...eightBits, "--rotate", "R1"];
    const { stderr } = await lowbit(["quantize", TINY_LLAMA, at("killed"), ...flags]);
    expect(stderr).toContain("pipeline/partial-exists");
    await answer("quantize", TINY_LLAMA, at("killed"), ...flags, "--resume");
    expect((await readdir(folder)).filter((name) => name.startsWith("killed"))).toEqual(["killed"]);
  });

  it.each([
    ["transform", ["--smooth", "0.5", "--statistics", "absent"]],
    ["quantize", eightBits],
  ])("%s refuses a seed of rotations where nothing is rotated", async (command, flags) => {
    const { exitCode, stderr } = await lowbit([command, TINY_LLAMA, at("seeded"), ...flags, "--rotate-seed", "5"]);
    expect(exitCode).toBe(EXIT_CODES.usage);
    expect(stderr).toContain("--rotate-seed is about --rotate");
    expect(await readdir(folder)).not.toContain("seeded");
  });
});

interface Totals {
  readonly storedBitsPerWeight: number;
  readonly relativeOutputError: number;
}

function totalsOf(report: Record<string, unknown>): Totals {
  return report["totals"] as Totals;
}
