import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowbit, requireBuild, TINY_LLAMA } from "../run-lowbit.fixture.js";

const TEXT = join(TINY_LLAMA, "sample.txt");
const CALIBRATE = ["--calibrate", TEXT, "--samples", "4", "--sample-length", "64", "--threads", "1"];

let folder: string;
let candidates: string;
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-target-"));
  candidates = join(folder, "candidates.json");
  const list = [2, 3, 4].map((bits) => ({ method: "rtn", options: { bits, group: 128 } }));
  await writeFile(candidates, JSON.stringify(list));
});
afterAll(() => rm(folder, { recursive: true }));

const target = (output: string, ...args: readonly string[]) =>
  lowbit(["quantize", TINY_LLAMA, join(folder, output), ...args]);

describe("lowbit quantize --target-bpw", { timeout: 120_000 }, () => {
  it("meets the target, and says what was predicted and measured", async () => {
    const args = ["--target-bpw", "3.1", "--candidates", candidates, ...CALIBRATE, "--json"];
    const { exitCode, stdout } = await target("a", ...args);
    expect(exitCode).toBe(0);
    const { totals, target: plan, measured, tensors } = JSON.parse(stdout);
    expect(totals.storedBitsPerWeight).toBeLessThanOrEqual(3.1);
    expect(totals.storedBitsPerWeight).toBeGreaterThan(3.1 * 0.995);
    expect(plan).toMatchObject({ costUnit: "loss", storedBitsPerWeight: totals.storedBitsPerWeight });
    expect(plan.layers).toHaveLength(42);
    expect(new Set(plan.layers.map(({ options }: { options: { bits: number } }) => options.bits))).toEqual(
      new Set([2, 3, 4]),
    );
    const byName = new Map(tensors.map((tensor: { name: string }) => [tensor.name, tensor]));
    expect(byName.get(plan.layers[0].name)).toMatchObject({
      options: plan.layers[0].options,
      storedBitsPerWeight: plan.layers[0].storedBitsPerWeight,
    });
    expect(measured.origin).toContain("last 10 %");
    expect(measured.lossIncrease.mean).toBeGreaterThan(plan.predictedCost / 5);
    expect(measured.lossIncrease.mean).toBeLessThan(plan.predictedCost * 5);
    expect(await readdir(folder)).not.toContain("a.target");
  });

  it("prints the plan only with --dry-run", async () => {
    const args = ["--target-bpw", "2.6", "--candidates", candidates, ...CALIBRATE, "--dry-run"];
    const { exitCode, stdout } = await target("b", ...args, "--skip", "*layers.0.*");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^35 layers, 3.93 M weights +2\.\d{3} /m);
    expect(stdout).toMatch(/Target 2\.6 bits per weight: 2\.\d{4}, 0\.\d\d % below; predicted loss increase/);
    expect((await readdir(folder)).filter((name) => name.startsWith("b"))).toEqual([]);
  });

  it.each([
    ["out of reach", ["--target-bpw", "5", ...CALIBRATE], "quantize/target-out-of-reach", 3],
    ["without statistics", ["--target-bpw", "3"], "options/command-line", 2],
    ["with an option of a method", ["--target-bpw", "3", "--bits", "4", ...CALIBRATE], "options/command-line", 2],
    ["with a method", ["--target-bpw", "3", "--method", "rtn", ...CALIBRATE], "options/command-line", 2],
    ["below 0", ["--target-bpw", "-1", ...CALIBRATE], "options/command-line", 2],
  ])("is refused %s, and writes nothing", async (_, args, code, exitCode) => {
    const answer = await target("c", ...args, "--candidates", candidates, "--json");
    expect(JSON.parse(answer.stdout).error.code).toBe(code);
    expect(answer.exitCode).toBe(exitCode);
    expect(existsSync(join(folder, "c"))).toBe(false);
    expect(existsSync(join(folder, "c.target"))).toBe(false);
  });

  it.each(["--candidates", "--held-out", "--measured"])("refuses %s without a target", async (option) => {
    const answer = await target("e", "--method", "rtn", option, candidates, "--json");
    expect(JSON.parse(answer.stdout).error).toMatchObject({ code: "options/command-line", facts: { option } });
    expect(existsSync(join(folder, "e"))).toBe(false);
  });

  it("refuses candidates that are none", async () => {
    const broken = join(folder, "broken.json");
    await writeFile(broken, '[{"match": "*", "method": "rtn"}]');
    const answer = await target("d", "--target-bpw", "3", "--candidates", broken, ...CALIBRATE, "--json");
    expect(JSON.parse(answer.stdout).error.code).toBe("options/invalid-recipe");
  });
});
