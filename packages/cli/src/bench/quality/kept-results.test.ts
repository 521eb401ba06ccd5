import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openKeptResults, resultsPath } from "./kept-results.js";
import { doneRow, modelQuality, PROTOCOL } from "./quality.fixture.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-results-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("keeps results beside the page, also what is not finite, and finds those that were made in the same way", async () => {
  const page = join(folder, "quality.md");
  const quality = modelQuality([doneRow("a", 4, Number.POSITIVE_INFINITY, 0.1)]);
  await (await openKeptResults(page)).put(quality);
  await (await openKeptResults(page)).put({ ...quality, model: "other" });
  const kept = await openKeptResults(page);
  expect(kept.models.map(({ model }) => model)).toEqual(["tiny", "other"]);
  expect(kept.find("tiny", PROTOCOL)).toEqual(quality);
  expect(kept.find("tiny", { ...PROTOCOL, seed: 1 })).toBeUndefined();
  expect(await readFile(resultsPath(page), "utf8")).toContain('"mean": "Infinity"');
});

it.each(["{}", "no JSON", '{"version":2,"models":[]}'])("refuses %s", async (text) => {
  const page = join(folder, "other.md");
  await writeFile(resultsPath(page), text);
  await expect(openKeptResults(page)).rejects.toThrow(expect.objectContaining({ code: "options/invalid-results" }));
});
