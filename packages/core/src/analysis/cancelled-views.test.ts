import { describe, expect, it } from "vitest";
import { randomTerm } from "../terms/arbitrary-term.fixture.js";
import { normalWeights, REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { errorMap } from "./error-map.js";
import { groupScales } from "./group-scales.js";
import { outlierMap } from "./outlier-map.js";
import { scaleMap } from "./scale-map.js";
import type { ScanContext } from "./scan-context.js";
import { signMap } from "./sign-map.js";
import { tensorProfiles } from "./tensor-profiles.js";
import { termSource } from "./term-source.fixture.js";
import { valueWindow } from "./value-window.js";
import { weightLevels } from "./weight-levels.js";

const one = await tensorOfValues("BF16", [100, 200], normalWeights(20_000, 5));
const { checkpoint, tensor } = one;
const weight = termSource([
  randomTerm(
    {
      kind: "affine",
      rows: 100,
      columns: 200,
      bits: 4,
      granularity: "group",
      groupSize: 8,
      zero: "minimum",
      scaleDtype: "F16",
    },
    9,
  ),
]);
const size = { maxWidth: 9, maxHeight: 9 };
const window = { row: 0, rows: 100, column: 0, columns: 100 };

const VIEWS: readonly [name: string, run: (context: ScanContext) => Promise<unknown>][] = [
  ["outlierMap", (context) => outlierMap(checkpoint, tensor, { ...size, threshold: 1 }, context)],
  ["a coarse outlierMap", (context) => outlierMap(checkpoint, tensor, { ...size, threshold: 1, rowStep: 4 }, context)],
  ["signMap", (context) => signMap(checkpoint, tensor, size, context)],
  ["errorMap", (context) => errorMap(one, one, size, context)],
  ["tensorProfiles", (context) => tensorProfiles(checkpoint, tensor, context)],
  ["valueWindow", (context) => valueWindow(checkpoint, tensor, window, context)],
  ["weightLevels", (context) => weightLevels(checkpoint, tensor, { row: 3, column: 0, columns: 200 }, context)],
  ["scaleMap", (context) => scaleMap(weight, size, context)],
  ["groupScales", (context) => groupScales(weight, context)],
];

describe.each(VIEWS)("%s", (_name, run) => {
  it("ends after the block in which it is cancelled", async () => {
    const abort = new AbortController();
    let blocks = 0;
    const context = {
      backend: REFERENCE,
      blockByteLength: 128,
      signal: abort.signal,
      onProgress: () => {
        blocks++;
        abort.abort();
      },
    };
    await expect(run(context)).rejects.toMatchObject({ code: "analysis/aborted" });
    expect(blocks).toBe(1);
  });

  it("reads nothing when it is cancelled before it begins", async () => {
    const context = {
      backend: REFERENCE,
      signal: AbortSignal.abort(),
      onProgress: () => expect.unreachable("a block was read"),
    };
    await expect(run(context)).rejects.toMatchObject({ code: "analysis/aborted" });
  });

  it("refuses blocks of no size", async () => {
    await expect(run({ backend: REFERENCE, blockByteLength: 0 })).rejects.toMatchObject({
      code: "analysis/invalid-option",
    });
  });
});
