import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import type { ErrorCode } from "../errors/index.js";
import { recogniseWeights } from "../layouts/recognise.js";
import type { PlanSettings } from "../pipeline/plan.js";
import type { TensorRule } from "../pipeline/tensor-rule.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import { planShards, shardIndexText } from "../safetensors/plan-shards.js";
import { type TensorData, writeSafetensors } from "../safetensors/write-safetensors.js";
import { compareCheckpoints } from "./compare-checkpoints.js";
import { dequantizeCheckpoint } from "./dequantize-checkpoint.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { forecastQuantization, type QuantizeOptions, quantizeCheckpoint } from "./quantize-checkpoint.js";

const backend = {
  module: new URL("../backend/reference/reference-backend.ts", import.meta.url).href,
  exportName: "createReferenceBackend",
};
const RTN: PlanSettings = { method: "rtn", options: { bits: 4, group: 32 }, rules: [] };

let folder: string;
let input: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-pipeline-"));
  input = join(folder, "model");
  await writeModel(input, exampleTensors());
});
afterAll(() => rm(folder, { recursive: true }));

/** Every float width, ranks 0 to 3, kept tensors of each reason, rows that leave a short last group. */
function exampleTensors(): TensorData[] {
  return [
    tensor("model.embed_tokens.weight", "BF16", [64, 48]),
    tensor("model.layers.0.self_attn.q_proj.weight", "BF16", [96, 172]),
    tensor("model.layers.0.self_attn.q_proj.bias", "BF16", [96]),
    tensor("model.layers.0.mlp.down_proj.weight", "F16", [33, 64]),
    tensor("model.layers.1.mlp.experts.weight", "F32", [3, 20, 40]),
    tensor("model.layers.1.mlp.gate.weight", "F32", [4, 40]),
    tensor("model.layers.1.mlp.up_proj.weight", "F64", [16, 50]),
    tensor("model.norm.weight", "F32", [48]),
    tensor("temperature", "F32", []),
    { name: "model.position_ids", dtype: "I64", shape: [4], data: new Uint8Array(32).fill(7) },
    tensor("lm_head.weight", "BF16", [64, 48]),
  ];
}

function tensor(
  name: string,
  dtype: FloatDtype,
  shape: readonly number[],
  change?: (values: Float32Array) => void,
): TensorData {
  const count = shape.reduce((product, size) => product * size, 1);
  let state = name.length * 7919 + 1;
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.2;
  });
  change?.(values);
  const data = new Uint8Array((count * DTYPES[dtype].bits) / 8);
  createReferenceBackend().encodeFloats(dtype, values, data);
  return { name, dtype, shape, data };
}

const CONFIG = '{\n  "model_type": "llama",\n  "hidden_size": 48,\n  "attention_dropout": 0.0\n}\n';

async function writeModel(
  path: string,
  tensors: readonly TensorData[],
  maxShardBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  await mkdir(path, { recursive: true });
  const shards = planShards(tensors, maxShardBytes);
  for (const shard of shards)
    await writeFile(join(path, shard.name), writeSafetensors(shard.tensors, { format: "pt", note: "kept" }));
  if (shards.length > 1) await writeFile(join(path, "model.safetensors.index.json"), shardIndexText(shards));
  await writeFile(join(path, "config.json"), CONFIG);
  await writeFile(join(path, "tokenizer.json"), "{}");
}

function options(name: string, more: Partial<QuantizeOptions> = {}): QuantizeOptions {
  return { input, output: join(folder, name), plan: RTN, quantizers: QUANTIZERS, backend, threads: 1, ...more };
}

function rule(pattern: RegExp, action: TensorRule["action"]): TensorRule {
  return { origin: String(pattern), matches: (name) => pattern.test(name), action };
}

async function hashes(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).toSorted();
  const entries = names.map(async (name) => [
    name,
    createHash("sha256")
      .update(await readFile(join(directory, name)))
      .digest("hex"),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}

const code = (expected: ErrorCode) => expect.objectContaining({ code: expected }) as Error;
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

describe("quantizeCheckpoint", () => {
  it("quantizes matrices, copies the rest byte for byte, and adds quantization_config", async () => {
    const report = await quantizeCheckpoint(options("out"));
    const before = await openCheckpoint(input);
    const after = await openCheckpoint(join(folder, "out"));
    const weights = new Map(recogniseWeights(after).map((weight) => [weight.name, weight]));
    const quantized = report.tensors
      .filter(({ planned }) => planned.action === "quantize")
      .map(({ planned }) => planned.tensor.name);
    expect(quantized).toEqual([
      "model.layers.0.mlp.down_proj.weight",
      "model.layers.0.self_attn.q_proj.weight",
      "model.layers.1.mlp.experts.weight",
      "model.layers.1.mlp.up_proj.weight",
    ]);
    for (const stored of before.tensors) {
      const weight = weights.get(stored.name)!;
      expect(weight.shape).toEqual(stored.shape);
      if (quantized.includes(stored.name)) {
        expect(weight.kind).toBe("quantized");
        continue;
      }
      const bytes = [new Uint8Array(stored.byteLength), new Uint8Array(stored.byteLength)] as const;
      await before.read(stored, 0, bytes[0]);
      await after.read(weight.tensors[0]!, 0, bytes[1]);
      expect(bytes[1]).toEqual(bytes[0]);
    }
    expect([...after.metadata.values()][0]).toMatchObject({ format: "pt", note: "kept" });
    const config = JSON.parse(await readFile(join(folder, "out", "config.json"), "utf8")) as Record<string, unknown>;
    expect(config).toMatchObject({
      model_type: "llama",
      quantization_config: { quant_method: "lowbit", method: "rtn" },
    });
    expect(await readdir(join(folder, "out"))).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
    expect(await isThere(join(folder, "out.partial"))).toBe(false);
    await Promise.all([before.close(), after.close()]);
  });

  it("keeps the quantization_config that it replaces, of the first original", async () => {
    const entry = { quant_method: "bitnet", quantization_mode: "online" };
    const original = join(folder, "with-entry");
    await cp(input, original, { recursive: true });
    for (const stated of [entry, { quant_method: "lowbit", version: 1, replaced: entry }]) {
      await writeFile(join(original, "config.json"), JSON.stringify({ limit: 1, quantization_config: stated }));
      await quantizeCheckpoint(options("entry-kept", { input: original, force: true }));
      const config = JSON.parse(await readFile(join(folder, "entry-kept", "config.json"), "utf8"));
      expect(config.quantization_config).toMatchObject({ quant_method: "lowbit", replaced: entry });
    }
  });

  it("states for every tensor the bits per weight that its file bytes have", async () => {
    const report = await quantizeCheckpoint(options("bits"));
    const after = await openCheckpoint(join(folder, "bits"));
    for (const weight of recogniseWeights(after)) {
      if (weight.kind !== "quantized") continue;
      const { planned } = report.tensors.find(({ planned }) => planned.tensor.name === weight.name)!;
      expect(planned.quantization!.storedBitsPerWeight).toBe((weight.byteLength * 8) / planned.weights);
    }
    const total = after.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(report.totals.outputBytes).toBe(total);
    await after.close();
  });

  it("forecasts the plan that it carries out, without writing", async () => {
    const { plan, files, peakMemoryBytes, seconds } = await forecastQuantization(options("forecast"));
    expect(await isThere(join(folder, "forecast.partial"))).toBe(false);
    const report = await quantizeCheckpoint(options("forecast"));
    expect(report.tensors.map(({ planned }) => planned)).toEqual(plan.tensors);
    expect(report.totals).toEqual(plan.totals);
    expect((await stat(join(folder, "forecast", files[0]!.name))).size).toBe(files[0]!.byteLength);
    expect(peakMemoryBytes).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThan(0);
  });

  it("follows rules, the last one first", async () => {
    const rules = [
      rule(/proj/, { kind: "quantize", method: "rtn", options: { bits: 2 } }),
      rule(/up_proj/, { kind: "keep" }),
      rule(/lm_head/, { kind: "quantize", method: "binary", options: {} }),
    ];
    const { tensors } = await quantizeCheckpoint(options("rules", { plan: { ...RTN, rules } }));
    const found = Object.fromEntries(
      tensors.map(({ planned }) => [planned.tensor.name, planned.quantization?.method ?? planned.keepReason]),
    );
    expect(found).toMatchObject({
      "lm_head.weight": "binary",
      "model.layers.1.mlp.up_proj.weight": "rule",
      "model.layers.0.self_attn.q_proj.weight": "rtn",
      "model.layers.0.self_attn.q_proj.bias": "one-dimensional",
      "model.embed_tokens.weight": "embedding",
      "model.layers.1.mlp.gate.weight": "router",
      "model.position_ids": "not-float",
    });
  });

  it("writes one file, or splits by size, or keeps the split of the input", async () => {
    const sharded = join(folder, "sharded");
    await writeModel(sharded, exampleTensors(), 20_000);
    await quantizeCheckpoint(options("kept", { input: sharded, keepSplit: true }));
    const names = (path: string) =>
      readdir(path).then((all) => all.filter((name) => name.includes("safetensors")).toSorted());
    expect(await names(join(folder, "kept"))).toEqual(await names(sharded));
    await quantizeCheckpoint(options("resharded", { maxShardBytes: 8_000 }));
    expect((await names(join(folder, "resharded"))).length).toBeGreaterThan(3);
    await quantizeCheckpoint(options("single.safetensors", { input: sharded }));
    for (const name of ["kept", "resharded", "single.safetensors"]) {
      const comparison = await compareCheckpoints({ left: input, right: join(folder, name), backend, threads: 1 });
      expect(comparison.structure).toEqual([]);
    }
    expect(await isThere(join(folder, "single.safetensors.partial"))).toBe(false);
  });

  it("leaves weights alone that are quantized already, with their schema", async () => {
    const once = join(folder, "once");
    await quantizeCheckpoint(options("once", { plan: { ...RTN, rules: [rule(/up_proj/, { kind: "keep" })] } }));
    await quantizeCheckpoint(options("twice", { input: once, plan: { ...RTN, options: { bits: 2 } } }));
    const comparison = await compareCheckpoints({ left: once, right: join(folder, "twice"), backend, threads: 1 });
    const changed = comparison.weights.filter(({ error }) => error.relativeError > 0).map(({ name }) => name);
    expect(changed).toEqual(["model.layers.1.mlp.up_proj.weight"]);
    expect(comparison.structure).toEqual([]);
  });
});

describe("every method", () => {
  const SETTINGS: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
    rtn: [
      { bits: 1, group: 32 },
      { bits: 2 },
      { bits: 3, group: "row" },
      { bits: 4, group: "tensor" },
      { bits: 8, group: 128 },
    ],
    binary: [{ group: "tensor", order: 2, mean: true }, { group: "row" }, { order: 4, group: 64 }],
    ternary: [{ group: "tensor" }, { group: "row" }],
  };
  const cases = Object.keys(QUANTIZERS).flatMap((method) =>
    [{}, ...(SETTINGS[method] ?? [])].map((given) => ({ method, given })),
  );
  it.each(cases)("$method $given: compare agrees with the report to the bit", async ({ method, given }) => {
    const name = `method-${method}-${JSON.stringify(given).replaceAll(/\W/g, "-")}`;
    const report = await quantizeCheckpoint(options(name, { plan: { method, options: given, rules: [] } }));
    const comparison = await compareCheckpoints({ left: input, right: join(folder, name), backend, threads: 1 });
    expect(comparison.structure).toEqual([]);
    expect(comparison.otherTensors).toEqual([{ name: "model.position_ids", equal: true }]);
    for (const { planned, error } of report.tensors) {
      const compared = comparison.weights.find((weight) => weight.name === planned.tensor.name);
      if (error) expect(compared?.error).toEqual(error);
      else if (compared) expect(compared.error.relativeError).toBe(0);
    }
    expect(comparison.quantizedError).toEqual(report.error);
    expect(report.error!.relativeError).toBeGreaterThan(0);
    expect(report.error!.relativeError).toBeLessThan(1.5);
  });
});

describe("refused runs leave nothing", () => {
  const cases: [string, ErrorCode, Partial<QuantizeOptions>][] = [
    ["unknown method", "options/unknown-method", { plan: { ...RTN, method: "nope" } }],
    ["unknown option", "options/unknown-option", { plan: { ...RTN, options: { nope: 1 } } }],
    ["value out of range", "options/invalid-value", { plan: { ...RTN, options: { bits: 9 } } }],
    ["unmatched rule", "pipeline/unmatched-rule", { plan: { ...RTN, rules: [rule(/nowhere/, { kind: "keep" })] } }],
    ["nothing to do", "pipeline/nothing-to-do", { plan: { ...RTN, rules: [rule(/./, { kind: "keep" })] } }],
    ["memory limit", "pipeline/memory-limit", { maxMemoryBytes: 1000 }],
  ];
  it.each(cases)("%s: %s", async (name, expected, more) => {
    await expect(quantizeCheckpoint(options(name, more))).rejects.toThrow(code(expected));
    expect(await isThere(join(folder, name))).toBe(false);
    expect(await isThere(join(folder, `${name}.partial`))).toBe(false);
  });

  it.each([
    ["NaN", "BF16", Number.NaN],
    ["Infinity", "F32", Number.POSITIVE_INFINITY],
  ] as const)("a weight that is %s, naming its place", async (found, dtype, value) => {
    const bad = join(folder, `bad-${found}`);
    await writeModel(bad, [
      tensor("a.weight", dtype, [40, 64], (values) => values.fill(value, 5 * 64 + 7, 5 * 64 + 8)),
    ]);
    await expect(quantizeCheckpoint(options("refused", { input: bad }))).rejects.toThrow(
      expect.objectContaining({
        code: "pipeline/non-finite-weight",
        facts: { tensor: "a.weight", row: 5, column: 7, found },
      }) as Error,
    );
    expect(await isThere(join(folder, "refused.partial"))).toBe(false);
  });

  it("a scale that its dtype cannot hold", async () => {
    const large = join(folder, "large");
    await writeModel(large, [tensor("a.weight", "F32", [4, 64], (values) => values.fill(1e30, 64, 66))]);
    await expect(quantizeCheckpoint(options("overflow", { input: large }))).rejects.toThrow(
      code("pipeline/scale-overflow"),
    );
    expect(await isThere(join(folder, "overflow.partial"))).toBe(false);
    const wide = { ...RTN, options: { ...RTN.options, scaleDtype: "F32" } };
    await quantizeCheckpoint(options("overflow", { input: large, plan: wide }));
  });

  it("an output that exists, until force replaces it", async () => {
    const output = join(folder, "exists");
    const precious = join(output, "precious.safetensors");
    await mkdir(output);
    await writeFile(precious, "precious");
    await expect(quantizeCheckpoint(options("exists"))).rejects.toThrow(code("pipeline/output-exists"));
    expect(await readFile(precious, "utf8")).toBe("precious");
    await quantizeCheckpoint(options("exists", { force: true }));
    expect(await isThere(precious)).toBe(false);
    expect(await isThere(join(output, "model.safetensors"))).toBe(true);
    expect(await isThere(`${output}.replaced`)).toBe(false);
  });

  it("what is no model, even with force", async () => {
    const output = join(folder, "thesis");
    await mkdir(output);
    await writeFile(join(output, "thesis.tex"), "precious");
    await expect(quantizeCheckpoint(options("thesis", { force: true }))).rejects.toThrow(
      code("pipeline/not-replaceable"),
    );
    expect(await readFile(join(output, "thesis.tex"), "utf8")).toBe("precious");
    expect(await isThere(`${output}.partial`)).toBe(false);
  });

  it("an output that is the input, holds it, or lies in it", async () => {
    for (const output of [input, join(input, "inside"), folder, join(input, "x.safetensors")]) {
      await expect(quantizeCheckpoint(options("", { output, force: true }))).rejects.toThrow(
        code("pipeline/output-is-input"),
      );
    }
  });
});

describe("cancelling and resuming", () => {
  it("goes on with what is complete and gives the same bytes", async () => {
    await quantizeCheckpoint(options("whole"));
    const cancelled = new AbortController();
    let events = 0;
    const first = quantizeCheckpoint(
      options("resumed", { signal: cancelled.signal, onProgress: () => ++events === 6 && cancelled.abort() }),
    );
    await expect(first).rejects.toThrow(code("pipeline/aborted"));
    expect(await isThere(join(folder, "resumed"))).toBe(false);
    await expect(quantizeCheckpoint(options("resumed"))).rejects.toThrow(code("pipeline/partial-exists"));
    const other = { ...RTN, options: { bits: 3 } };
    await expect(quantizeCheckpoint(options("resumed", { resume: true, plan: other }))).rejects.toThrow(
      code("pipeline/resume-mismatch"),
    );
    const report = await quantizeCheckpoint(options("resumed", { resume: true }));
    const resumed = report.tensors.filter((finished) => finished.resumed);
    expect(resumed.length).toBeGreaterThan(0);
    expect(resumed.length).toBeLessThan(report.tensors.length);
    expect(await hashes(join(folder, "resumed"))).toEqual(await hashes(join(folder, "whole")));
  });

  it("refuses an unfinished output that somebody has changed", async () => {
    const cancelled = new AbortController();
    const first = quantizeCheckpoint(
      options("damaged", { signal: cancelled.signal, onProgress: () => cancelled.abort() }),
    );
    await expect(first).rejects.toThrow(code("pipeline/aborted"));
    await writeFile(join(folder, "damaged.partial", "files", "model.safetensors"), "short");
    await expect(quantizeCheckpoint(options("damaged", { resume: true }))).rejects.toThrow(
      code("pipeline/resume-damaged"),
    );
    await quantizeCheckpoint(options("damaged", { force: true }));
    expect(await hashes(join(folder, "damaged"))).toEqual(await hashes(join(folder, "whole")));
  });

  it("reports progress up to the whole", async () => {
    const events: { doneBytes: number; totalBytes: number }[] = [];
    await quantizeCheckpoint(options("progress", { onProgress: (event) => events.push(event) }));
    expect(events.map(({ doneBytes }) => doneBytes)).toEqual(
      events.map(({ doneBytes }) => doneBytes).toSorted((a, b) => a - b),
    );
    expect(events.at(-1)!.doneBytes).toBe(events.at(-1)!.totalBytes);
  });
});

describe("dequantizeCheckpoint", () => {
  it("writes the values that comparing reads, and removes quantization_config", async () => {
    await quantizeCheckpoint(options("to-dequantize"));
    const quantized = join(folder, "to-dequantize");
    const output = join(folder, "dequantized");
    const report = await dequantizeCheckpoint({ input: quantized, output, dtype: "F32", threads: 1, backend });
    expect(report.dequantizedWeights).toBe(4);
    const comparison = await compareCheckpoints({ left: quantized, right: output, backend, threads: 1 });
    expect(comparison.structure).toEqual([]);
    expect(comparison.weights.every(({ error }) => error.relativeError === 0)).toBe(true);
    const plain = await openCheckpoint(output);
    expect(plain.tensor("model.layers.0.self_attn.q_proj.weight")!.dtype).toBe("F32");
    expect(plain.tensor("model.embed_tokens.weight")!.dtype).toBe("BF16");
    expect([...plain.metadata.values()][0]).toEqual({ format: "pt", note: "kept" });
    expect(await readFile(join(output, "config.json"), "utf8")).toBe(CONFIG);
    await plain.close();
  });

  it("refuses a checkpoint without quantized weights", async () => {
    const output = join(folder, "not-dequantized");
    await expect(dequantizeCheckpoint({ input, output, dtype: "BF16", threads: 1, backend })).rejects.toThrow(
      code("pipeline/not-quantized"),
    );
    expect(await isThere(`${output}.partial`)).toBe(false);
  });
});
