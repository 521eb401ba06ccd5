import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ErrorFigures, QuantizationReport } from "@lowbit/core/pipeline";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowbit, requireBuild, TINY_LLAMA } from "../run-lowbit.fixture.js";

// Every method at every number of bits that it has, on the bundled model: what the run reports is what stands in the file.

requireBuild();
const { runQuantize } = (await import(
  new URL("../../dist/quantize/run-quantize.js", import.meta.url).href
)) as typeof import("./run-quantize.js");
const { runCompare } = (await import(
  new URL("../../dist/quantize/run-compare.js", import.meta.url).href
)) as typeof import("./run-compare.js");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-methods-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Options = Readonly<Record<string, unknown>>;
const each = (key: string, values: readonly unknown[], more: Options = {}): Options[] =>
  values.map((value) => ({ [key]: value, ...more }));

/** 1, 2, 3 and 4 bits where a method has them; for the others every way in which codes are stored. */
const SETTINGS: Readonly<Record<string, readonly Options[]>> = {
  rtn: [
    ...each("bits", [1, 2, 3, 4]),
    { bits: 4, zero: "symmetric", group: "row" },
    { bits: 2, zero: "float", group: 32 },
  ],
  hqq: each("bits", [1, 2, 3, 4], { iterations: 5 }),
  nf4: [{}],
  fp4: [{}],
  binary: [...each("order", [1, 2, 3, 4]), { mean: true, group: "row" }],
  ternary: [...each("rule", ["absmean", "twn", "least-squares"]), { packing: "base-3", group: 64 }],
  "binary-coding": each("planes", [1, 2, 3, 4], { iterations: 3 }),
  arb: each("variant", ["first-order", "second-order", "row-column"], { iterations: 3 }),
  svid: [{}],
  db: [{}, { iterations: 0, group: "row" }],
};
const cases = Object.entries(SETTINGS).flatMap(([method, settings]) =>
  settings.map((options) => ({ method, options })),
);

it("no method is left out", () => {
  expect(Object.keys(SETTINGS).toSorted()).toEqual(Object.keys(QUANTIZERS).toSorted());
});

describe.each(cases)("$method $options", { timeout: 60_000 }, ({ method, options }) => {
  it("reports the bytes and the errors that are in the file", async () => {
    const output = join(folder, "out");
    const report = await runQuantize({ input: TINY_LLAMA, output, method, options, threads: 1, force: true });
    const quantized = report.tensors.filter(({ planned }) => planned.action === "quantize");
    expect(quantized.length).toBe(42);

    const bytes = await bytesByWeight(
      join(output, "model.safetensors"),
      quantized.map(({ planned }) => planned.tensor.name),
    );
    for (const { planned } of quantized) {
      const { name, shape } = planned.tensor;
      const found = bytes.get(name)!;
      expect(planned.outputBytes, name).toBe(found);
      expect(planned.quantization!.storedBitsPerWeight, name).toBe((found * 8) / (shape[0]! * shape[1]!));
    }
    const all = [...bytes.values()].reduce((sum, size) => sum + size, 0);
    expect(report.totals.quantizedBitsPerWeight).toBe((all * 8) / report.totals.quantizedWeights);

    const answer = await runCompare({ left: TINY_LLAMA, right: output, tolerance: 0, threads: 1 });
    expect(answer.structure).toEqual([]);
    const compared = new Map(answer.weights.map(({ name, error }) => [name, error]));
    for (const { planned, error } of quantized) expect(compared.get(planned.tensor.name)).toEqual(error);
    expect(answer.quantizedError).toEqual(report.error);
    expect(answer.beyondTolerance.toSorted()).toEqual(quantized.map(({ planned }) => planned.tensor.name).toSorted());
    // Worse than writing zeros would mean that codes or scales are broken.
    expect(report.error!.relativeError).toBeGreaterThan(0);
    expect(report.error!.relativeError).toBeLessThan(method === "rtn" && options["bits"] === 1 ? 4 : 1);
  });
});

/** Bytes of all tensors of each weight, from the header as it stands in the file, without any reader of ours. */
async function bytesByWeight(path: string, weights: readonly string[]): Promise<Map<string, number>> {
  const file = await readFile(path);
  const header = JSON.parse(file.toString("utf8", 8, 8 + Number(file.readBigUInt64LE(0)))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const sums = new Map(weights.map((name) => [name, 0]));
  for (const [name, entry] of Object.entries(header)) {
    const weight = name.split(/(?<=\.weight)\./)[0]!;
    if (name === "__metadata__" || !sums.has(weight)) continue;
    sums.set(weight, sums.get(weight)! + entry.data_offsets[1] - entry.data_offsets[0]);
  }
  return sums;
}

describe("the commands", { timeout: 60_000 }, () => {
  interface JsonError {
    readonly sqnrDb: number;
    readonly relativeSquaredError: number;
    readonly maxError: number;
    readonly cosine: number;
  }

  it("print with --json what was reported, and compare says the same", async () => {
    const output = join(folder, "command");
    const quantized = await lowbit(["quantize", TINY_LLAMA, output, "--method", "rtn", "--bits", "3", "--json"]);
    expect(quantized.exitCode).toBe(0);
    const report = JSON.parse(quantized.stdout) as {
      tensors: (JsonError & { name: string; action: string })[];
      totals: JsonError;
    };
    const compared = await lowbit(["compare", TINY_LLAMA, output, "--json"]);
    expect(compared.exitCode).toBe(1);
    const answer = JSON.parse(compared.stdout) as {
      weights: { name: string; error: ErrorFigures }[];
      quantizedError: ErrorFigures;
    };
    const figures = ({ sqnrDb, relativeError, maxError, cosine }: ErrorFigures) => ({
      sqnrDb,
      relativeSquaredError: relativeError,
      maxError,
      cosine,
    });
    const errors = new Map(answer.weights.map(({ name, error }) => [name, figures(error)]));
    const tensors = report.tensors.filter(({ action }) => action === "quantize");
    expect(tensors).toHaveLength(42);
    for (const tensor of tensors) expect(tensor).toMatchObject(errors.get(tensor.name)!);
    expect(report.totals).toMatchObject(figures(answer.quantizedError));

    const tolerated = await lowbit(["compare", TINY_LLAMA, output, "--tolerance", "0.5"]);
    expect(tolerated.exitCode).toBe(0);
  });

  it("forecast with --dry-run the sizes of the run, and write nothing", async () => {
    const output = join(folder, "forecast");
    const args = ["quantize", TINY_LLAMA, output, "--method", "ternary", "--threads", "1", "--json"];
    const sizes = (text: string) => (JSON.parse(text) as { totals: QuantizationReport["totals"] }).totals.outputBytes;
    const forecast = await lowbit([...args, "--dry-run"]);
    await expect(readFile(join(output, "config.json"))).rejects.toThrow(/ENOENT/);
    const run = await lowbit(args);
    expect(sizes(forecast.stdout)).toBe(sizes(run.stdout));
  });
});
