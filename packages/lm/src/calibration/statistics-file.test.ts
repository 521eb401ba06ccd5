import { createMemorySource } from "@lowbit/core/bytes";
import { openFile, type TensorData, writeSafetensors } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import { openStatisticsFile } from "./statistics-file.js";
import { STATISTICS_METADATA_KEY } from "./statistics-schema.js";

const FINGERPRINT = "a".repeat(64);
const layer = { rows: 2, columns: 3, inFeatures: 3, input: "w" };
const SCHEMA = {
  version: 1,
  lowbitVersion: "1.0.0",
  modelFingerprint: FINGERPRINT,
  calibration: { fingerprint: "b".repeat(64), origin: "by hand", samples: 2, length: 4 },
  protocol: "original",
  activationBits: 32,
  dtype: "F32",
  kinds: ["hessian", "mean-abs"],
  layers: { w: layer, v: layer },
};
const HESSIAN = [4, 2, 9, -6, 0, 16];
const MEANS = [0, 1, 2];

const tensor = (name: string, values: readonly number[]): TensorData => ({
  name,
  dtype: "F32",
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

interface Parts {
  readonly schema?: unknown;
  readonly metadata?: Record<string, string>;
  readonly tensors?: readonly TensorData[];
}

async function open({ schema = SCHEMA, metadata, tensors }: Parts = {}) {
  const bytes = writeSafetensors(
    tensors ?? [tensor("w.hessian", HESSIAN), tensor("w.mean-abs", MEANS)],
    metadata ?? { [STATISTICS_METADATA_KEY]: JSON.stringify(schema) },
  );
  return openStatisticsFile(await openFile(createMemorySource(bytes, "stats")), FINGERPRINT);
}

describe("openStatisticsFile", () => {
  it("gives layers that share an input the same values", async () => {
    const file = await open();
    const [w, v] = [await file.layer("w"), await file.layer("v")];
    expect(w).toEqual({
      name: "w",
      shape: { rows: 2, columns: 3 },
      inFeatures: 3,
      samples: 2,
      tokens: 8,
      values: { hessian: Float32Array.from(HESSIAN), "mean-abs": Float32Array.from(MEANS) },
    });
    expect(v).toEqual({ ...w, name: "v" });
  });

  it.each<[string, Parts, RegExp]>([
    ["no schema", { metadata: { format: "pt" } }, /no key "lowbit-statistics"/],
    ["no JSON", { metadata: { [STATISTICS_METADATA_KEY]: "{" } }, /not JSON/],
    ["no object", { schema: [1] }, /\[1\]; it must be an object/],
    ["another version", { schema: { ...SCHEMA, version: 2 } }, /version is 2; it must be one of 1/],
    ["no fingerprint", { schema: { ...SCHEMA, modelFingerprint: "abc" } }, /64 hexadecimal digits/],
    [
      "no samples",
      { schema: { ...SCHEMA, calibration: { ...SCHEMA.calibration, samples: 0 } } },
      /calibration\.samples/,
    ],
    ["no origin", { schema: { ...SCHEMA, calibration: { ...SCHEMA.calibration, origin: 1 } } }, /must be a text/],
    ["no calibration", { schema: { ...SCHEMA, calibration: null } }, /calibration is null/],
    ["an unknown kind", { schema: { ...SCHEMA, kinds: ["kurtosis"] } }, /kinds is \["kurtosis"\]/],
    ["a kind twice", { schema: { ...SCHEMA, kinds: ["hessian", "hessian"] } }, /each once/],
    ["no kinds", { schema: { ...SCHEMA, kinds: [] } }, /one or more/],
    ["an unknown protocol", { schema: { ...SCHEMA, protocol: "x" } }, /protocol is "x"/],
    ["another dtype", { schema: { ...SCHEMA, dtype: "F16" } }, /dtype is "F16"/],
    ["other activation bits", { schema: { ...SCHEMA, activationBits: 16 } }, /activationBits is 16/],
    ["other inputs", { schema: { ...SCHEMA, layers: { w: { ...layer, inFeatures: 5 } } } }, /\[2, 3\]/],
    ["a foreign input", { schema: { ...SCHEMA, layers: { w: { ...layer, input: "x" } } } }, /shares the input of "x"/],
    [
      "a chain of inputs",
      { schema: { ...SCHEMA, layers: { w: { ...layer, input: "v" }, v: { ...layer, input: "w" } } } },
      /shares the input/,
    ],
  ])("refuses %s", async (_what, parts, says) => {
    await expect(open(parts)).rejects.toMatchObject({
      code: "calibration/not-statistics",
      message: expect.stringMatching(says),
    });
  });

  it.each<[string, readonly TensorData[], RegExp]>([
    ["a missing tensor", [tensor("w.hessian", HESSIAN)], /w\.mean-abs is no tensor/],
    [
      "a foreign tensor",
      [tensor("w.hessian", HESSIAN), tensor("w.mean-abs", MEANS), tensor("x", [1])],
      /x is F32 \[1\]/,
    ],
    ["a full matrix", [tensor("w.hessian", Array(9).fill(1)), tensor("w.mean-abs", MEANS)], /asks for F32 \[6\]/],
  ])("refuses %s", async (_what, tensors, says) => {
    await expect(open({ tensors })).rejects.toMatchObject({
      code: "calibration/statistics-damaged",
      message: expect.stringMatching(says),
    });
  });

  it.each<[string, readonly number[], readonly number[], string, number]>([
    ["NaN in a Hessian", [4, 2, 9, Number.NaN, 0, 16], MEANS, "w.hessian", 3],
    ["an infinite diagonal", [4, 2, 9, -6, 0, Number.POSITIVE_INFINITY], MEANS, "w.hessian", 5],
    ["a negative diagonal", [4, 2, -9, -6, 0, 16], MEANS, "w.hessian", 1],
    ["a product above its squares", [4, 7, 9, -6, 0, 16], MEANS, "w.hessian", 1],
    ["a negative mean", HESSIAN, [0, -1, 2], "w.mean-abs", 1],
    ["an infinite mean", HESSIAN, [0, 1, Number.POSITIVE_INFINITY], "w.mean-abs", 2],
  ])("refuses %s when the layer is read", async (_what, hessian, means, name, index) => {
    const file = await open({ tensors: [tensor("w.hessian", hessian), tensor("w.mean-abs", means)] });
    await expect(file.layer("v")).rejects.toMatchObject({
      code: "calibration/statistics-damaged",
      message: expect.stringContaining(name),
      facts: { index },
    });
  });

  it("takes squares that underflow", async () => {
    const file = await open({ tensors: [tensor("w.hessian", [0, 1e-25, 4, 0, 0, 1]), tensor("w.mean-abs", MEANS)] });
    expect((await file.layer("w")).values.hessian![1]).toBe(Math.fround(1e-25));
  });
});
