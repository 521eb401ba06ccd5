import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild, startLowbit, TINY_LLAMA } from "../run-lowbit.fixture.js";

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-cli-quantize-model-"));
  const story = "Once upon a time there was a little dog who wanted to see the sea. ";
  await writeFile(at("text.txt"), story.repeat(40));
});
afterAll(() => rm(folder, { recursive: true }));

const SMALL = ["--samples", "4", "--sample-length", "64"];
const gptq = (output: string, ...more: string[]): string[] => [
  ...["quantize", TINY_LLAMA, at(output), "--method", "gptq", "--bits", "3", "--group", "128"],
  ...["--calibrate", at("text.txt"), ...SMALL, ...more],
];
const weightsOf = (output: string): Promise<Buffer> => readFile(join(at(output), "model.safetensors"));

async function refused(args: readonly string[], code: string): Promise<string> {
  const before = await readdir(folder);
  const { exitCode, stderr } = await lowbit(args);
  expect(stderr).toContain(`[${code}]`);
  expect(exitCode).toBe(code.startsWith("options/") ? EXIT_CODES.usage : EXIT_CODES.failure);
  expect(await readdir(folder)).toEqual(before);
  return stderr;
}

describe("lowbit quantize with a calibrated method", { timeout: 60_000 }, () => {
  it("writes a model with a report of bits and errors of weights and outputs", async () => {
    const { exitCode, stdout } = await lowbit(gptq("report", "--json"));
    expect(exitCode).toBe(EXIT_CODES.ok);
    const report = JSON.parse(stdout) as {
      readonly tensors: readonly Record<string, unknown>[];
      readonly totals: Record<string, number>;
    };
    const quantized = report.tensors.filter(({ action }) => action === "quantize");
    expect(quantized.length).toBe(42);
    for (const tensor of quantized) {
      expect(tensor["relativeOutputError"]).toBeLessThan(tensor["relativeSquaredError"] as number);
      expect(tensor["method"]).toBe("gptq");
    }
    expect(report.totals["storedBitsPerWeight"]).toBeGreaterThan(report.totals["claimedBitsPerWeight"]!);
    const table = await lowbit(gptq("report", "--force"));
    expect(table.stdout).toMatch(/output error/);
    expect((await lowbit(["inspect", at("report")])).stdout).toContain("gptq: affine 3-bit g128");
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("gives the same bytes from saved statistics, and takes token ids", async () => {
    const saved = ["calibrate", TINY_LLAMA, "--text", at("text.txt"), ...SMALL, "--out", at("s.safetensors")];
    expect((await lowbit(saved)).exitCode).toBe(EXIT_CODES.ok);
    await lowbit(gptq("walked", "--protocol", "original"));
    const args = ["quantize", TINY_LLAMA, at("from-file"), "--method", "gptq", "--bits", "3", "--group", "128"];
    expect((await lowbit([...args, "--statistics", at("s.safetensors")])).exitCode).toBe(EXIT_CODES.ok);
    expect((await weightsOf("from-file")).equals(await weightsOf("walked"))).toBe(true);
    await writeFile(at("ids.json"), JSON.stringify(Array.from({ length: 300 }, (_, i) => i + 3)));
    const ids = ["quantize", TINY_LLAMA, at("ids"), "--method", "gptq", "--tokens", at("ids.json"), ...SMALL];
    expect((await lowbit([...ids, "--dry-run"])).stdout).toContain("windows of 64 tokens of a text of 300");
  });

  it("--dry-run prints sizes and needs, and writes nothing", async () => {
    const before = await readdir(folder);
    const { stdout } = await lowbit(gptq("planned", "--dry-run"));
    expect(stdout).toContain("42 layers of 6 blocks");
    expect(stdout).toContain("Statistics that the methods need: hessian");
    expect(stdout).toMatch(/Estimated: .* of memory/);
    expect(await readdir(folder)).toEqual(before);
  });

  it.runIf(process.platform !== "win32")(
    "goes on after a kill and after Ctrl-C, and gives the same bytes",
    async () => {
      expect((await lowbit(gptq("straight", "--samples", "16"))).exitCode).toBe(EXIT_CODES.ok);
      for (const signal of ["SIGKILL", "SIGINT"] as const) {
        const output = `ended-${signal}`;
        const staged = join(at(`${output}.partial`), "staged");
        const blocks = async (): Promise<number> =>
          (await readdir(staged).catch(() => [])).filter((name) => /^block-\d+\.safetensors$/.test(name)).length;
        const running = startLowbit(gptq(output, "--samples", "16"));
        while ((await blocks()) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
        running.kill(signal);
        const { exitCode, stderr } = await running.ended;
        if (signal === "SIGINT") {
          expect(exitCode).toBe(EXIT_CODES.interrupted);
          expect(stderr).toContain("--resume");
        }
        expect((await readdir(folder)).filter((name) => name.startsWith(output))).toEqual([`${output}.partial`]);
        const resumed = await lowbit(gptq(output, "--samples", "16", "--resume", "--json"));
        expect(resumed.stderr).not.toContain("[");
        expect(resumed.exitCode).toBe(EXIT_CODES.ok);
        const { tensors } = JSON.parse(resumed.stdout) as {
          readonly tensors: readonly { readonly resumed: boolean }[];
        };
        expect(tensors.filter((tensor) => tensor.resumed).length).toBeGreaterThanOrEqual(14);
        expect((await weightsOf(output)).equals(await weightsOf("straight"))).toBe(true);
        expect((await readdir(folder)).filter((name) => name.startsWith(output))).toEqual([output]);
      }
    },
  );

  it("refuses what cannot work, and writes nothing", async () => {
    const plain = ["quantize", TINY_LLAMA, at("refused"), "--method", "gptq"];
    expect(await refused(plain, "quantize/statistics-needed")).toContain("--calibrate");
    expect(await refused([...plain, "--seed", "1"], "options/command-line")).toContain("--seed");
    await writeFile(at("short.txt"), "Hello");
    await refused([...plain, "--calibrate", at("short.txt"), ...SMALL], "calibration/text-too-short");
    await refused([...plain, "--calibrate", at("absent.txt")], "bytes/cannot-open");
    await refused([...plain, "--statistics", join(TINY_LLAMA, "model.safetensors")], "calibration/not-statistics");
    await refused(gptq("refused", "--bits", "9"), "options/invalid-value");
    await refused(gptq("refused", "--max-memory", "1MB"), "calibration/memory-limit");
    const [model] = (await readdir(TINY_LLAMA)).filter((name) => name.endsWith(".safetensors"));
    await writeFile(at("bare.safetensors"), await readFile(join(TINY_LLAMA, model!)));
    const bare = ["quantize", at("bare.safetensors"), at("refused"), "--method", "gptq"];
    await refused([...bare, "--calibrate", at("text.txt")], "model/no-config");
  });
});

describe("lowbit methods", () => {
  it("lists methods of both kinds with what they need", async () => {
    const { stdout } = await lowbit(["methods", "--json"]);
    const methods = JSON.parse(stdout) as readonly { readonly name: string; readonly needs: readonly string[] }[];
    expect(methods.find(({ name }) => name === "rtn")!.needs).toEqual([]);
    expect(methods.find(({ name }) => name === "gptq")!.needs).toEqual(["hessian"]);
    expect((await lowbit(["methods", "gptq"])).stdout).toContain("Needs with its default options: hessian");
  });
});
