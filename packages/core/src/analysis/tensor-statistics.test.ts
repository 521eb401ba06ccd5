import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DTYPES, type Dtype, isFloatDtype } from "../dtype/dtype-table.js";
import { openCheckpoint } from "../node/open-checkpoint.js";
import {
  decoded,
  normalWeights,
  type OneTensor,
  REFERENCE,
  tensorOfBytes,
  tensorOfValues,
} from "./array-checkpoint.fixture.js";
import { scanStatistics } from "./scan-statistics.js";
import { mergeStatistics, scanMethod, statisticsSpans } from "./statistics-partial.js";
import {
  finishStatistics,
  type StatisticsOptions,
  type TensorStatistics,
  tensorStatistics,
} from "./tensor-statistics.js";

const GOLDEN = new URL("./__golden__/tensor-statistics.json", import.meta.url);

/** By make_tensor_statistics.py. */
interface Golden {
  readonly bytes: string;
  readonly values: readonly number[];
  readonly magnitudes: readonly number[];
  readonly mean: number;
  readonly std: number;
  readonly rms: number;
  readonly skewness: number;
  readonly kurtosis: number;
}

const statistics = ({ checkpoint, tensor }: OneTensor, options?: StatisticsOptions): Promise<TensorStatistics> =>
  tensorStatistics(checkpoint, tensor, { backend: REFERENCE }, options);

/** The same figures straight from the definition. */
function byDefinition(all: ArrayLike<number>) {
  const finite = Array.from(all)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const n = finite.length;
  const mean = finite.reduce((sum, w) => sum + w, 0) / n;
  const central = (power: number) => finite.reduce((sum, w) => sum + (w - mean) ** power, 0) / n;
  const quantileOf = (sorted: number[], share: number) => {
    const position = share * (n - 1);
    const below = Math.floor(position);
    return sorted[below]! + (position - below) * ((sorted[below + 1] ?? 0) - sorted[below]!);
  };
  const magnitudes = finite.map(Math.abs).sort((a, b) => a - b);
  const std = Math.sqrt(central(2));
  return {
    minimum: finite[0],
    maximum: finite[n - 1],
    mean,
    std,
    rms: Math.sqrt(finite.reduce((sum, w) => sum + w * w, 0) / n),
    skewness: central(3) / std ** 3,
    kurtosis: central(4) / std ** 4,
    zeroCount: finite.filter((w) => w === 0).length,
    quantile: (share: number) => quantileOf(finite, share),
    magnitude: (share: number) => quantileOf(magnitudes, share),
    above: (threshold: number) => magnitudes.filter((w) => w > threshold).length,
  };
}

function expectFigures(found: TensorStatistics, all: ArrayLike<number>, quantileError = 1e-12): void {
  const wanted = byDefinition(all);
  for (const name of ["minimum", "maximum", "zeroCount"] as const) expect(found[name]).toBe(wanted[name]);
  for (const name of ["mean", "std", "rms", "skewness", "kurtosis"] as const) {
    expect(Math.abs(found[name] - wanted[name])).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(wanted[name])));
  }
  for (const { share, value, magnitude } of found.quantiles) {
    expect(Math.abs(value - wanted.quantile(share))).toBeLessThanOrEqual(
      quantileError * Math.abs(wanted.quantile(share)) + 1e-12,
    );
    expect(Math.abs(magnitude - wanted.magnitude(share))).toBeLessThanOrEqual(
      quantileError * wanted.magnitude(share) + 1e-12,
    );
  }
}

describe("tensorStatistics", () => {
  it.each(["BF16", "F16"] as const)("is exact for %s", async (dtype) => {
    const values = normalWeights(70 * 50, 1);
    values[17] = 1;
    const one = await tensorOfValues(dtype, [70, 50], values);
    const data = new Uint8Array(values.length * 2);
    REFERENCE.encodeFloats(dtype, values, data);
    const stored = decoded(dtype, data, values.length);
    const found = await statistics(one);
    expectFigures(found, stored);
    expect(found).toMatchObject({ count: 3500, quantileResolution: "exact", roundedToF32: false });
    expect(found.outliers).toMatchObject({
      threshold: 6 * found.std,
      count: byDefinition(stored).above(6 * found.std),
    });
    expect(found.outliers.count).toBeGreaterThan(0);
  });

  it.each(["F32", "F64"] as const)("has exact moments and quantiles within 2^-8 for %s", async (dtype) => {
    const values = normalWeights(9000, 2);
    const found = await statistics(await tensorOfValues(dtype, [9000], values));
    expectFigures(found, values, 2 ** -8);
    expect(found).toMatchObject({ quantileResolution: "bf16", roundedToF32: dtype === "F64" });
  });

  const small = Object.keys(DTYPES).filter((dtype) => DTYPES[dtype as Dtype].bits <= 8) as Dtype[];
  it.each(small)("counts every code of %s", async (dtype) => {
    const { bits } = DTYPES[dtype];
    // An odd number of bytes for one of them, whole bytes for all.
    const count = dtype === "BOOL" ? 255 : bits === 6 ? 340 : (256 * 8) / bits;
    const data = Uint8Array.from({ length: (count * bits) / 8 }, (_, i) => (dtype === "BOOL" ? i % 2 : (i * 37) % 256));
    const found = await statistics(await tensorOfBytes(dtype, [count], data));
    const values = isFloatDtype(dtype)
      ? decoded(dtype, data, count)
      : dtype === "I8"
        ? new Int8Array(data.buffer)
        : data;
    if (isFloatDtype(dtype) && dtype !== "F8_E8M0") expectFigures(found, values);
    const list = Array.from(values);
    expect(found.nanCount).toBe(list.filter(Number.isNaN).length);
    expect(found.infiniteCount).toBe(list.filter((w) => Math.abs(w) === Number.POSITIVE_INFINITY).length);
    expect(found.minimum).toBe(byDefinition(values).minimum);
    expect(found.maximum).toBe(byDefinition(values).maximum);
    expect(found.mean).toBeCloseTo(byDefinition(values).mean, 6);
  });

  it.each(["I16", "U16"] as const)("reads %s as integers", async (dtype) => {
    const words = Uint16Array.of(0, 1, 0xffff, 0x8000, 7);
    const found = await statistics(await tensorOfBytes(dtype, [5], new Uint8Array(words.buffer)));
    expect([found.minimum, found.maximum]).toEqual(dtype === "I16" ? [-32768, 7] : [0, 65535]);
  });

  it.each(["F32", "BF16", "F16"] as const)("leaves NaN and infinities of %s out", async (dtype) => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    const found = await statistics(
      await tensorOfValues(dtype, [7], Float32Array.of(nan, 1, -3, infinity, -0, nan, -infinity)),
    );
    expect(found).toMatchObject({
      count: 7,
      nanCount: 2,
      infiniteCount: 2,
      zeroCount: 1,
      minimum: -3,
      maximum: 1,
      absMaximum: 3,
    });
    expect(found.mean).toBeCloseTo(-2 / 3, 12);
  });

  it.each(["F32", "BF16"] as const)("knows constant, empty and lost tensors of %s", async (dtype) => {
    const constant = await statistics(await tensorOfValues(dtype, [100], new Float32Array(100).fill(1)));
    expect(constant).toMatchObject({ mean: 1, std: 0, rms: 1, outliers: { threshold: 0, count: 100 } });
    expect(constant.kurtosis).toBeNaN();
    expect(constant.quantiles.every(({ value }) => value === 1)).toBe(true);
    const empty = await statistics(await tensorOfValues(dtype, [0, 4], new Float32Array(0)));
    expect(empty).toMatchObject({ count: 0, zeroCount: 0, minimum: Number.NaN, outliers: { count: 0, share: 0 } });
    const lost = await statistics(await tensorOfValues(dtype, [2], Float32Array.of(Number.NaN, Number.NaN)));
    expect(lost).toMatchObject({ nanCount: 2, mean: Number.NaN, maximum: Number.NaN });
  });

  it.each(["F16", "F32"] as const)("has the figures of numpy for %s", async (dtype) => {
    const golden: Record<string, Golden> = JSON.parse(readFileSync(GOLDEN, "utf8"));
    const { bytes, values, magnitudes, ...moments } = golden[dtype]!;
    const data = Uint8Array.from(bytes.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    const found = await statistics(await tensorOfBytes(dtype, [20, 20], data));
    for (const [name, wanted] of Object.entries(moments)) {
      expect(found[name as keyof TensorStatistics]).toBeCloseTo(wanted, 10);
    }
    const digits = (wanted: number) => (dtype === "F16" ? 1e-14 : Math.abs(wanted) * 2 ** -8);
    found.quantiles.forEach(({ value, magnitude }, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(digits(values[i]!));
      expect(Math.abs(magnitude - magnitudes[i]!)).toBeLessThanOrEqual(digits(magnitudes[i]!));
    });
  });

  it("follows the outlier rule that it is given", async () => {
    const one = await tensorOfValues("BF16", [8], Float32Array.of(1, -2, 3, -4, 5, -6, 7, -8));
    const count = async (options: StatisticsOptions) => (await statistics(one, options)).outliers.count;
    expect(await count({ outlierRule: { kind: "absolute", threshold: 6 } })).toBe(2);
    expect(await count({ outlierRule: { kind: "quantile", share: 0.5 } })).toBe(4);
    expect(await count({ outlierRule: { kind: "sigma", factor: 1 } })).toBe(3); // std 5.02
    const refused = statistics(one, { outlierRule: { kind: "quantile", share: 2 } });
    await expect(refused).rejects.toMatchObject({ code: "analysis/invalid-option" });
  });

  it.each(["F32", "BF16"] as const)("does not depend on blocks and spans (%s)", async (dtype) => {
    const count = 2 ** 21 + 12_345;
    const { checkpoint, tensor } = await tensorOfValues(dtype, [count], normalWeights(count, 3));
    const scan = async (segmentsPerSpan: number, blockByteLength: number) => {
      const partials = [];
      for (const span of statisticsSpans(tensor, segmentsPerSpan)) {
        partials.push(await scanStatistics(checkpoint, tensor, span, { backend: REFERENCE, blockByteLength }));
      }
      return finishStatistics(tensor, mergeStatistics(partials), REFERENCE);
    };
    const whole = await scan(16, 2 ** 20);
    expect(await scan(1, 50_001)).toEqual(whole);
    expect(await scan(2, 2 ** 23)).toEqual(whole);
  });

  it("refuses codes, and stops when it is told to", async () => {
    const codes = await tensorOfBytes("I32", [2], new Uint8Array(8));
    await expect(statistics(codes)).rejects.toMatchObject({ code: "analysis/unsupported-dtype" });
    const { checkpoint, tensor } = await tensorOfValues("BF16", [4096], normalWeights(4096, 4));
    const abort = new AbortController();
    const context = {
      backend: REFERENCE,
      signal: abort.signal,
      blockByteLength: 1024,
      onProgress: () => abort.abort(),
    };
    await expect(tensorStatistics(checkpoint, tensor, context)).rejects.toMatchObject({ code: "analysis/aborted" });
  });

  it("reports every byte as progress", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F16", [3, 1000], normalWeights(3000, 5));
    let bytes = 0;
    await tensorStatistics(checkpoint, tensor, {
      backend: REFERENCE,
      blockByteLength: 700,
      onProgress: (n) => (bytes += n),
    });
    expect(bytes).toBe(6000);
  });

  const data =
    process.env["LOWBIT_SHARED_DATA"] ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
  const model = `${data}/models/stories260K/model.safetensors`;
  if (!existsSync(model)) console.log(`tensor-statistics: ${model} is absent, the test on it is left out`);
  else
    it("agrees with the definition on a real model", async () => {
      const checkpoint = await openCheckpoint(model);
      for (const tensor of checkpoint.tensors.filter(({ dtype }) => scanMethod(dtype) === "sums").slice(0, 12)) {
        const bytes = new Uint8Array(tensor.byteLength);
        await checkpoint.read(tensor, 0, bytes);
        const found = await tensorStatistics(checkpoint, tensor, { backend: REFERENCE });
        expectFigures(found, new Float32Array(bytes.buffer), 2 ** -8);
      }
      await checkpoint.close();
    });
});
