import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowbit, requireBuild, TINY_LLAMA } from "../../run-lowbit.fixture.js";

let folder: string;
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-quality-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The bench on a few windows of the bundled model's own text, with these settings. */
async function bench(settings: unknown) {
  await writeFile(join(folder, "settings.json"), JSON.stringify(settings));
  const paths = ["--models", TINY_LLAMA, "--text", join(TINY_LLAMA, "sample.txt"), "--out", join(folder, "page.md")];
  const sizes = ["--samples", "2", "--sample-length", "32", "--windows", "2", "--context", "64", "--threads", "1"];
  return lowbit(["bench", "quality", ...paths, ...sizes, "--methods", join(folder, "settings.json"), "--json"]);
}

const FIRST = [
  { method: "rtn", options: { bits: 4, group: 128 }, name: "rtn 4" },
  { method: "gptq", options: { bits: 4, actOrder: false }, name: "gptq 4" },
];

describe("lowbit bench quality", { timeout: 120_000 }, () => {
  it("writes a page, a picture and results, and measures a row once", async () => {
    const first = await bench(FIRST);
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain("tiny-llama: statistics hessian");
    const [{ model, rows, original }] = JSON.parse(first.stdout);
    expect([model, original.bitsPerWeight]).toEqual(["tiny-llama", 16]);
    expect(rows).toMatchObject([
      { name: "rtn 4", status: "done", arguments: ["--method", "rtn", "--bits", "4", "--group", "128"] },
      { name: "gptq 4", status: "done" },
    ]);
    for (const row of rows) {
      expect(row.storedBitsPerWeight).toBeGreaterThan(4.1);
      expect(row.storedBitsPerWeight).toBeLessThan(4.2);
      expect(row.modelBitsPerWeight).toBeGreaterThan(row.storedBitsPerWeight);
      expect(row.perplexity.mean).toBeGreaterThan(original.perplexity.mean * 0.9);
      expect(row.layerError).toBeGreaterThan(0);
      expect(row.divergence.mean).toBeGreaterThan(0);
      expect(row.peakMemoryBytes).toBeGreaterThan(5e7);
      expect(row.peakMemoryBytes).toBeLessThan(5e9);
    }
    const page = await readFile(join(folder, "page.md"), "utf8");
    expect(page).toContain("pictures/quality-tiny-llama.svg");
    expect(page).toMatch(/gptq 4 ≤ rtn 4 \| layer error \| \d/);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["page.json", "page.md", "pictures"]));

    const second = await bench([...FIRST, { method: "svid", options: {}, name: "svid" }]);
    expect(second.stderr.trimEnd().split("\n")).toEqual(["tiny-llama: svid, 1 of 1"]);
    expect(JSON.parse(second.stdout)[0].rows.slice(0, 2)).toEqual(rows);
  });

  it("refuses settings that cannot be meant, before any work", async () => {
    const twice = await bench([FIRST[0], FIRST[0]]);
    expect(JSON.parse(twice.stdout).error).toMatchObject({ code: "options/invalid-recipe" });
    const wrong = await bench([{ method: "rtn", options: { bits: 99 } }]);
    expect(JSON.parse(wrong.stdout).error).toMatchObject({ code: "options/invalid-value" });
  });
});
