import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { LayoutWriter } from "../../layouts/layout-writer.js";
import { LAYOUT_WRITERS } from "../../layouts/layout-writers.js";
import { recogniseWeights } from "../../layouts/recognise.js";
import { QUANTIZERS } from "../../quantizers/quantizer-table.js";
import { writeSafetensors } from "../../safetensors/write-safetensors.js";
import { openCheckpoint } from "../open-checkpoint.js";
import { quantizeCheckpoint } from "../quantize-checkpoint.js";
import { findSideFiles } from "../side-files.js";
import type { CheckpointConversion, CheckpointTarget } from "./checkpoint-conversion.js";
import { convertCheckpoint, forecastConversion } from "./convert-checkpoint.js";
import { readBack } from "./read-back.js";
import { readValues } from "./whole-weight.js";

const backend = createReferenceBackend();
const REFERENCE = {
  module: new URL("../../backend/reference/reference-backend.ts", import.meta.url).href,
  exportName: "createReferenceBackend",
};
const WEIGHT = "model.layers.0.self_attn.q_proj.weight";
const EMBEDDING = "model.embed_tokens.weight";

let folder: string;
let model: string;
let quantized: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-convert-"));
  model = join(folder, "model");
  quantized = join(folder, "quantized");
  await mkdir(model);
  const tensors = [
    matrix(EMBEDDING, 16, 256),
    matrix(WEIGHT, 32, 256),
    matrix("model.layers.0.mlp.down_proj.weight", 32, 128),
  ];
  await writeFile(join(model, "model.safetensors"), writeSafetensors(tensors));
  await writeFile(join(model, "config.json"), '{"model_type": "llama", "torch_dtype": "bfloat16", "a": 0.0}');
  await writeFile(join(model, "tokenizer.json"), "{}");
  await quantizeCheckpoint({
    input: model,
    output: quantized,
    plan: { method: "rtn", options: { bits: 4, group: 128 }, rules: [] },
    quantizers: QUANTIZERS,
    threads: 1,
    backend: REFERENCE,
  });
});
afterAll(() => rm(folder, { recursive: true }));

function matrix(name: string, rows: number, columns: number) {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7) * 0.1);
  const data = new Uint8Array(2 * values.length);
  backend.encodeFloats("BF16", values, data);
  return { name, dtype: "BF16" as const, shape: [rows, columns], data };
}

let outputs = 0;
async function converting<T>(
  input: string,
  target: CheckpointTarget,
  use: (conversion: CheckpointConversion) => Promise<T>,
  more: Partial<CheckpointConversion> = {},
): Promise<T & { output: string }> {
  const checkpoint = await openCheckpoint(input);
  try {
    const conversion: CheckpointConversion = {
      input,
      checkpoint,
      output: join(folder, `out-${outputs++}`),
      target,
      targetName: target.kind === "writer" ? target.writer.name : target.kind,
      allowRequantize: false,
      measuresErrors: true,
      sideFiles: await findSideFiles(input),
      backend,
      ...more,
    };
    return { ...(await use(conversion)), output: conversion.output };
  } finally {
    await checkpoint.close();
  }
}

const convert = (input: string, target: CheckpointTarget, more?: Partial<CheckpointConversion>) =>
  converting(input, target, convertCheckpoint, more);

async function values(path: string, name: string): Promise<Float32Array> {
  const checkpoint = await openCheckpoint(path);
  try {
    const weight = recogniseWeights(checkpoint).find((found) => found.name === name)!;
    return (await readValues(checkpoint, weight, backend)).values;
  } finally {
    await checkpoint.close();
  }
}

const writer = (name: string): LayoutWriter => LAYOUT_WRITERS.find((one) => one.name === name)!;
const to = (name: string): CheckpointTarget => ({ kind: "writer", writer: writer(name) });

describe("convertCheckpoint", () => {
  it.each(["gptq", "gptq-v2", "awq", "compressed-tensors"])(
    "packs a weight as %s: the same values to the bit",
    async (name) => {
      const { weights, output, error } = await convert(quantized, to(name));
      expect(weights.find((weight) => weight.name === WEIGHT)).toMatchObject({
        from: "lowbit",
        to: name,
        outcome: "exact",
      });
      expect(weights.find((weight) => weight.name === EMBEDDING)!.outcome).toBe("kept");
      expect(error).toBeUndefined();
      expect(await values(output, WEIGHT)).toEqual(await values(quantized, WEIGHT));
      const config = JSON.parse(await readFile(join(output, "config.json"), "utf8"));
      expect(config.quantization_config.quant_method).not.toBe("lowbit");
      expect(await readdir(output)).toContain("tokenizer.json");
    },
  );

  it.each(LAYOUT_WRITERS.map(({ name }) => name))(
    "requantizes plain weights to %s and tells the error that a reader sees",
    async (name) => {
      const { weights, output } = await convert(model, to(name), { allowRequantize: true });
      const weight = weights.find((one) => one.name === WEIGHT)!;
      expect(weight.outcome).toBe("requantized");
      const [before, after] = [await values(model, WEIGHT), await values(output, WEIGHT)];
      const noise = before.reduce((sum, value, i) => sum + (value - after[i]!) ** 2, 0);
      const signal = before.reduce((sum, value) => sum + value ** 2, 0);
      expect(weight.error!.relativeError).toBeCloseTo(noise / signal, 7);
      expect(noise).toBeGreaterThan(0);
    },
  );

  it("writes another layout in lowbit's own, exactly", async () => {
    const { output: gptq } = await convert(quantized, to("gptq"));
    const { output, weights } = await convert(gptq, { kind: "lowbit" });
    expect(weights.find((weight) => weight.name === WEIGHT)).toMatchObject({
      from: "gptq",
      to: "lowbit",
      outcome: "exact",
    });
    expect(await values(output, WEIGHT)).toEqual(await values(quantized, WEIGHT));
    const config = await readFile(join(output, "config.json"), "utf8");
    expect(JSON.parse(config).quantization_config).toMatchObject({ quant_method: "lowbit", method: "convert" });
    expect(config).toContain('"a": 0.0');
  });

  it("writes plain values, and says what they lose", async () => {
    const { output, weights } = await convert(quantized, { kind: "plain", dtype: "F16" });
    expect(weights.find((weight) => weight.name === WEIGHT)).toMatchObject({ to: "F16", outcome: "rounded" });
    expect(JSON.parse(await readFile(join(output, "config.json"), "utf8"))).not.toHaveProperty("quantization_config");
    const exact = await convert(quantized, { kind: "plain", dtype: "F32" });
    expect(exact.weights.every(({ outcome }) => outcome === "exact")).toBe(true);
    expect(await values(exact.output, WEIGHT)).toEqual(await values(quantized, WEIGHT));
  });

  it("transposes what the output holds transposed", async () => {
    const { output } = await convert(model, { kind: "plain", dtype: "F32" }, { transposes: (name) => name === WEIGHT });
    const [before, after] = [await values(model, WEIGHT), await values(output, WEIGHT)];
    expect(after[3 * 32 + 5]).toBe(before[5 * 256 + 3]);
  });

  it("convert/does-not-fit: names weights, reasons, the cost, and layouts that fit; writes nothing", async () => {
    const refused = convert(quantized, to("bitsandbytes"));
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: "convert/does-not-fit" }));
    await expect(refused).rejects.toThrow(/2 of 2 weights.*relative error of .*held by .*gptq/);
    await expect(convert(model, to("gptq"))).rejects.toThrow(/it is plain BF16; requantizing would add/);
    const names = await readdir(folder);
    expect(names.filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("forecasts what fits without writing", async () => {
    const forecast = await converting(quantized, to("bitsandbytes"), forecastConversion);
    expect(forecast.weights.find((weight) => weight.name === WEIGHT)).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("affine"),
    });
    await expect(readdir(forecast.output)).rejects.toThrow("ENOENT");
  });

  it("model/quantization-method: codes of a method that no layout reads", async () => {
    const foreign = join(folder, "foreign");
    await mkdir(foreign);
    const codes = {
      name: `${WEIGHT.slice(0, -7)}.qidxs`,
      dtype: "I16" as const,
      shape: [4, 4],
      data: new Uint8Array(32),
    };
    await writeFile(join(foreign, "model.safetensors"), writeSafetensors([matrix(EMBEDDING, 16, 256), codes]));
    await writeFile(join(foreign, "config.json"), '{"quantization_config": {"quant_method": "quip"}}');
    for (const target of [to("gptq"), { kind: "plain" } as const, { kind: "lowbit" } as const]) {
      const refused = converting(foreign, target, forecastConversion, { allowRequantize: true });
      await expect(refused).rejects.toThrow(expect.objectContaining({ code: "model/quantization-method" }));
      await expect(refused).rejects.toThrow(/"quip".*readable: lowbit, gptq, awq/);
    }
    const renamed = { quantization_config: { quant_method: "quip" } };
    const config = JSON.stringify({ model_type: "llama", ...renamed });
    await writeFile(join(foreign, "model.safetensors"), await readFile(join(quantized, "model.safetensors")));
    await writeFile(join(foreign, "config.json"), config);
    const forecast = await converting(foreign, { kind: "plain" }, forecastConversion);
    expect(forecast.weights.some(({ outcome }) => outcome === "refused")).toBe(false);
  });

  it("convert/output-path: safetensors do not go into a .gguf file", async () => {
    await expect(convert(quantized, to("gptq"), { output: join(folder, "x.gguf") })).rejects.toThrow(
      expect.objectContaining({ code: "convert/output-path" }),
    );
  });

  it("convert/not-read-back: a writer whose tensors nobody recognises", async () => {
    const broken: LayoutWriter = { ...writer("gptq"), config: () => ({ quantizationConfig: {} }) };
    const packed = { tensors: [{ name: "x", dtype: "U8" as const, shape: [1], data: new Uint8Array(1) }], facts: {} };
    await expect(readBack(WEIGHT, packed, broken, backend)).rejects.toThrow(
      expect.objectContaining({ code: "convert/not-read-back" }),
    );
  });
});
