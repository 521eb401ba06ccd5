import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild, startLowbit, TINY_LLAMA } from "../run-lowbit.fixture.js";

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-cli-calibrate-"));
  const story = "Once upon a time there was a little dog who wanted to see the sea. ";
  await writeFile(at("text.txt"), story.repeat(40));
});
afterAll(() => rm(folder, { recursive: true }));

const calibrate = (...args: string[]): string[] => ["calibrate", TINY_LLAMA, "--text", at("text.txt"), ...args];
const SMALL = ["--samples", "4", "--sample-length", "32"];

interface Report {
  readonly samples: { readonly samples: number; readonly length: number; readonly fingerprint: string };
  readonly byteLength: number;
  readonly modelFingerprint: string;
}

describe("lowbit calibrate", { timeout: 60_000 }, () => {
  it("writes statistics that inspect lists, and the same again for the same seed", async () => {
    const run = async (name: string, seed: string): Promise<Report> => {
      const args = ["--out", at(name), ...SMALL, "--seed", seed, "--collect", "mean-abs,hessian", "--json"];
      const { exitCode, stdout } = await lowbit(calibrate(...args));
      expect(exitCode).toBe(EXIT_CODES.ok);
      return JSON.parse(stdout) as Report;
    };
    const first = await run("first.safetensors", "1");
    expect(first.samples).toMatchObject({ samples: 4, length: 32 });
    expect((await stat(at("first.safetensors"))).size).toBe(first.byteLength);
    const again = await run("again.safetensors", "1");
    const other = await run("other.safetensors", "2");
    const [a, b, c] = await Promise.all(["first", "again", "other"].map((name) => readFile(at(`${name}.safetensors`))));
    expect(b!.equals(a!)).toBe(true);
    expect(c!.equals(a!)).toBe(false);
    expect(again.modelFingerprint).toBe(other.modelFingerprint);
    expect(again.samples.fingerprint).not.toBe(other.samples.fingerprint);
    const inspected = await lowbit(["inspect", at("first.safetensors"), "--json"]);
    const { weights } = JSON.parse(inspected.stdout) as { weights: { name: string }[] };
    // Four inputs a block; queries, keys and values share one, and so do gate and up.
    expect(weights.length).toBe(6 * 4 * 2);
    expect(weights.map(({ name }) => name)).toContain("model.layers.0.mlp.down_proj.weight.hessian");
  });

  it("--dry-run prints the plan and writes nothing", async () => {
    const before = await readdir(folder);
    const args = calibrate(
      "--out",
      at("planned.safetensors"),
      ...SMALL,
      "--collect",
      "hessian,gradient-abs",
      "--dry-run",
    );
    const { exitCode, stdout } = await lowbit(args);
    expect(exitCode).toBe(EXIT_CODES.ok);
    expect(stdout).toContain("42 linear layers");
    expect(stdout).toContain("4 random windows of 31 tokens");
    expect(stdout).toMatch(/^inputs .* MB$/m);
    expect(stdout).toMatch(/^gradients .* MB$/m);
    const { fileBytes } = (JSON.parse((await lowbit([...args, "--json"])).stdout) as { plan: { fileBytes: number } })
      .plan;
    const weights = 6 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 768 * 256);
    expect(fileBytes).toBe(4 * (6 * (3 * ((256 * 257) / 2) + (768 * 769) / 2) + weights));
    expect(await readdir(folder)).toEqual(before);
  });

  it("takes token ids", async () => {
    await writeFile(at("ids.json"), JSON.stringify(Array.from({ length: 40 }, (_, i) => i + 3)));
    const args = ["calibrate", TINY_LLAMA, "--tokens", at("ids.json"), "--out", at("ids.safetensors"), "--dry-run"];
    const { stdout } = await lowbit([...args, "--sample-length", "12", "--samples", "2", "--json"]);
    const { samples } = JSON.parse(stdout) as { samples: { ids?: unknown; origin: string } };
    expect(samples.origin).toContain("2 random windows of 12 tokens of a text of 40, seed 0, without begin token");
    expect(samples.ids).toBeUndefined();
  });

  it("takes samples that the model writes", async () => {
    const args = ["calibrate", TINY_LLAMA, "--self-generate", "--out", at("own.safetensors"), "--samples", "2"];
    const { exitCode, stdout } = await lowbit([...args, "--sample-length", "12", "--collect", "mean-square"]);
    expect(exitCode).toBe(EXIT_CODES.ok);
    expect(stdout).toContain("2 samples of 12 tokens written by the model, seed 0, each after begin token 1");
  });

  it("replaces statistics only with --force", async () => {
    const args = calibrate("--out", at("forced.safetensors"), ...SMALL, "--collect", "mean-abs");
    expect((await lowbit(args)).exitCode).toBe(EXIT_CODES.ok);
    const refused = await lowbit(args);
    expect(refused.exitCode).toBe(EXIT_CODES.failure);
    expect(refused.stderr).toContain("[pipeline/output-exists]");
    expect((await lowbit([...args, "--force"])).exitCode).toBe(EXIT_CODES.ok);
  });

  it.runIf(process.platform !== "win32")("ended by Ctrl-C it leaves nothing", async () => {
    const before = await readdir(folder);
    const args = calibrate("--out", at("cancelled.safetensors"), "--samples", "4000", "--backend", "reference");
    const running = startLowbit(args);
    const begun = async (): Promise<boolean> => (await readdir(folder)).length > before.length;
    while (!(await begun())) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill("SIGINT");
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(EXIT_CODES.interrupted);
    expect(stderr).toContain("[calibration/aborted]");
    expect(await readdir(folder)).toEqual(before);
  });
});
