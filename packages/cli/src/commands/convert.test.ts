import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAYOUT_WRITERS } from "@lowbit/core/layouts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowbit, requireBuild, TINY_LLAMA } from "../run-lowbit.fixture.js";

const THREADS = ["--threads", "1"];

let folder: string;
let text: string;
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-convert-"));
  text = join(folder, "text.txt");
  await writeFile(
    text,
    "Once upon a time there was a little girl who lived in a small house near the forest.\n".repeat(4),
  );
});
afterAll(() => rm(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const convert = (input: string, output: string, to: string, ...more: readonly string[]) =>
  lowbit(["convert", input, path(output), "--to", to, ...THREADS, ...more]);

async function perplexity(model: string): Promise<number> {
  const { stdout, stderr } = await lowbit(["evaluate", model, "--text", text, "--context", "32", "--json", ...THREADS]);
  expect(stderr).not.toContain("error");
  return JSON.parse(stdout).evaluation.perplexity.mean;
}

describe("lowbit convert", { timeout: 120_000 }, () => {
  it("writes a float model as GGUF that runs like it", async () => {
    const { exitCode, stdout } = await convert(TINY_LLAMA, "f16.gguf", "gguf:F16", "--json");
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ target: "gguf:F16", verdict: expect.stringContaining("BF16 values to F16") });
    expect(report.addedRelativeError).toBeLessThan(1e-12);
    expect(await perplexity(path("f16.gguf"))).toBeCloseTo(await perplexity(TINY_LLAMA), 4);
  });

  it("refuses to requantize unasked, with what it would cost", async () => {
    const { exitCode, stderr } = await convert(TINY_LLAMA, "no.gguf", "gguf:Q8_0");
    expect(exitCode).toBe(3);
    expect(stderr).toContain("convert/does-not-fit");
    expect(stderr).toContain("--allow-requantize");
    expect((await readdir(folder)).filter((name) => name.startsWith("no."))).toEqual([]);
    const dry = await convert(TINY_LLAMA, "no.gguf", "gguf:Q8_0", "--dry-run");
    expect(dry.stdout).toContain("they need --allow-requantize");
  });

  it("goes from GGUF through lowbit's layout and back to the same blocks", async () => {
    await convert(TINY_LLAMA, "q4.gguf", "gguf:Q4_0", "--allow-requantize", "--pure", "--no-errors");
    expect((await convert(path("q4.gguf"), "hf", "lowbit")).stdout).toContain("Exact:");
    expect(await perplexity(path("hf"))).toBe(await perplexity(path("q4.gguf")));
    const back = await convert(path("hf"), "back.gguf", "gguf:Q4_0", "--pure", "--json");
    expect(JSON.parse(back.stdout).verdict).toContain("Exact");
    const { exitCode } = await lowbit(["compare", path("q4.gguf"), path("back.gguf"), "--tolerance", "0", ...THREADS]);
    expect(exitCode).toBe(0);
  });

  it.each(LAYOUT_WRITERS.map(({ name }) => name))("writes %s, which every command reads", async (name) => {
    const { exitCode, stdout } = await convert(TINY_LLAMA, name, name, "--allow-requantize");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Requantized: 42 of 56");
    const model = path(name);
    expect(await perplexity(model)).toBeGreaterThan(1);
    const commands = [
      ["inspect", model],
      ["stats", model, ...THREADS],
      ["generate", model, "--prompt", "Once", "--max-tokens", "2", ...THREADS],
      ["compare", TINY_LLAMA, model, "--tolerance", "2", ...THREADS],
    ];
    for (const command of commands) {
      const answer = await lowbit(command);
      expect(answer.stderr, command.join(" ")).not.toContain("error");
      expect(answer.stdout.length).toBeGreaterThan(0);
    }
  });

  it("is a command line error with options that have no effect", async () => {
    const { exitCode, stderr } = await convert(TINY_LLAMA, "x", "gptq", "--pure");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("options/command-line");
    const unknown = await convert(TINY_LLAMA, "x", "gguf:Q9_9");
    expect(unknown.stderr).toContain("model/gguf-recipe");
    const layout = await convert(TINY_LLAMA, "x", "onnx");
    expect(layout.stderr).toContain("convert/unknown-layout");
  });

  it.each([
    ["gptq", "--encoder", "lowbit"],
    ["gptq", "--importance", "x"],
    ["safetensors:F16", "--pre", "llama-bpe"],
    ["lowbit", "--no-errors"],
    ["gguf:F16", "--encoder", "ggml"],
    ["gguf:F16", "--importance", "x"],
    ["imatrix", "--dry-run"],
    ["imatrix", "--pure"],
  ])("--to %s refuses %s", async (to, ...option) => {
    const { exitCode, stdout } = await convert(TINY_LLAMA, "x", to, ...option, "--json");
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: "options/command-line",
      message: expect.stringContaining(option[0]!),
    });
    expect(existsSync(path("x"))).toBe(false);
  });

  it("prints a plan with --dry-run, as text and as JSON, and writes nothing", async () => {
    const args = ["gguf:Q4_K_M", "--allow-requantize", "--dry-run"] as const;
    const text = await convert(TINY_LLAMA, "dry.gguf", ...args);
    expect(text.stdout).toContain("Would write dry.gguf");
    const { stdout } = await convert(TINY_LLAMA, "dry.gguf", ...args, "--json");
    const forecast = JSON.parse(stdout);
    const real = JSON.parse(
      (await convert(TINY_LLAMA, "real.gguf", "gguf:Q4_K_M", "--allow-requantize", "--json")).stdout,
    );
    const plan = (weights: { name: string; to: string; outputBytes: number }[]) =>
      weights.map(({ name, to, outputBytes }) => [name, to, outputBytes]);
    expect(plan(forecast.weights)).toEqual(plan(real.weights));
    expect(forecast.outputBytes).toBe(real.outputBytes);
    expect((await readdir(folder)).filter((name) => name.startsWith("dry."))).toEqual([]);
  });

  it("refuses to replace an output without --force", async () => {
    await writeFile(path("there.gguf"), "");
    expect((await convert(TINY_LLAMA, "there.gguf", "gguf:F16")).stderr).toContain("pipeline/output-exists");
    expect((await convert(TINY_LLAMA, "there.gguf", "gguf:F16", "--force")).exitCode).toBe(0);
  });
});

describe("lowbit quantize --format", { timeout: 120_000 }, () => {
  const quantize = (output: string, ...args: readonly string[]) =>
    lowbit(["quantize", TINY_LLAMA, path(output), ...args, ...THREADS]);

  it("packs what a method makes, exactly", async () => {
    const { exitCode, stdout } = await quantize("t.gguf", "--method", "ternary", "--format", "gguf:TQ2_0", "--json");
    expect(exitCode).toBe(0);
    const { quantization, conversion } = JSON.parse(stdout);
    expect(quantization.tensors).toHaveLength(56);
    expect(conversion.verdict).toContain("Exact");
    expect(existsSync(path("t.gguf.quantized"))).toBe(false);
  });

  it("refuses before the work what never fits", async () => {
    const { exitCode, stderr } = await quantize("n.gguf", "--method", "rtn", "--bits", "8", "--format", "gguf:TQ2_0");
    expect(exitCode).toBe(3);
    expect(stderr).toContain("convert/does-not-fit");
    expect((await readdir(folder)).filter((name) => name.startsWith("n."))).toEqual([]);
  });

  it("encodes without a method", async () => {
    const { stdout } = await quantize("e.gguf", "--format", "gguf:Q4_0", "--embedding-type", "Q8_0");
    expect(stdout).toContain("Requantized: 43 of 56");
  });

  it("plans with --dry-run, with and without a method, and writes nothing", async () => {
    const plain = await quantize("d.gguf", "--format", "gguf:Q4_0", "--dry-run", "--json");
    expect(JSON.parse(plain.stdout)).toMatchObject({ target: "gguf:Q4_0" });
    const packed = await quantize("d.gguf", "--method", "ternary", "--format", "gguf:TQ2_0", "--dry-run", "--json");
    expect(JSON.parse(packed.stdout).tensors).toHaveLength(56);
    const unfit = await quantize("d.gguf", "--method", "rtn", "--bits", "8", "--format", "gguf:TQ2_0", "--dry-run");
    expect(unfit.stderr).toContain("convert/does-not-fit");
    expect((await readdir(folder)).filter((name) => name.startsWith("d."))).toEqual([]);
  });

  it.each([
    ["gguf:Q4_0", "--skip", "*layers.0.*"],
    ["gguf:Q4_0", "--calibrate", "text.txt"],
    ["gptq", "--pre", "llama-bpe"],
    ["gptq", "--method", "rtn", "--bits", "4", "--group", "128", "--pure"],
    ["gguf:TQ2_0", "--method", "ternary", "--encoder", "ggml"],
    ["imatrix", "--method", "rtn"],
  ])("--format %s refuses %s %s before any work", async (format, ...args) => {
    const { exitCode, stdout } = await quantize("x", "--format", format, ...args, "--json");
    expect(JSON.parse(stdout).error.code).toBe("options/command-line");
    expect(exitCode).toBe(2);
    expect((await readdir(folder)).filter((name) => name === "x" || name.startsWith("x.q"))).toEqual([]);
  });

  it("keeps what is no model where it would quantize meanwhile", async () => {
    await mkdir(path("k.gguf.quantized"));
    await writeFile(path("k.gguf.quantized/notes.txt"), "mine");
    const { stderr } = await quantize("k.gguf", "--method", "ternary", "--format", "gguf:TQ2_0");
    expect(stderr).toContain("pipeline/not-replaceable");
    expect(existsSync(path("k.gguf.quantized/notes.txt"))).toBe(true);
  });

  it("refuses its options without it", async () => {
    const { stderr } = await quantize("x", "--method", "rtn", "--pure");
    expect(stderr).toContain("only with --format gguf");
    expect((await quantize("x.gguf", "--method", "rtn")).exitCode).not.toBe(0);
  });
});

describe("importance", { timeout: 120_000 }, () => {
  it("goes from calibration through an imatrix into the search", async () => {
    const statistics = path("stats.safetensors");
    const collect = ["--collect", "mean-square", "--samples", "4", "--sample-length", "32"];
    const calibrated = await lowbit([
      "calibrate",
      TINY_LLAMA,
      "--text",
      join(TINY_LLAMA, "sample.txt"),
      "--out",
      statistics,
      ...collect,
    ]);
    expect(calibrated.exitCode).toBe(0);
    expect((await lowbit(["convert", statistics, path("x.imatrix.gguf"), "--to", "imatrix"])).stdout).toContain(
      "42 weights",
    );
    const args = ["gguf:Q4_0", "--tensor-type", "*ffn_up*=IQ4_NL", "--allow-requantize", "--json"] as const;
    const outputs = ["from-imatrix.gguf", "from-statistics.gguf"];
    await convert(TINY_LLAMA, outputs[0]!, ...args, "--importance", path("x.imatrix.gguf"));
    await convert(TINY_LLAMA, outputs[1]!, ...args, "--importance", statistics);
    const { exitCode } = await lowbit([
      "compare",
      path(outputs[0]!),
      path(outputs[1]!),
      "--tolerance",
      "0",
      ...THREADS,
    ]);
    expect(exitCode).toBe(0);
    const { stdout } = await convert(TINY_LLAMA, "x.gguf", ...args, "--importance", statistics, "--encoder", "ggml");
    expect(JSON.parse(stdout).error.code).toBe("options/command-line");
  });
});
