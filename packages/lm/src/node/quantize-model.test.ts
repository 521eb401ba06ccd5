import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { recogniseWeights } from "@lowbit/core/layouts";
import { compareCheckpoints, dequantizeCheckpoint, openCheckpoint, quantizeCheckpoint } from "@lowbit/core/node";
import type { PlanSettings, TensorRule } from "@lowbit/core/pipeline";
import { CALIBRATED_QUANTIZERS, type CalibratedQuantizer, QUANTIZERS } from "@lowbit/core/quantizers";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { createNativeBackend } from "@lowbit/kernels-native";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenTensors, readGolden } from "../architectures/golden-model.fixture.js";
import { type CalibrationSet, calibrationSet } from "../calibration/calibration-set.js";
import { randomWindows } from "../calibration/random-windows.js";
import { evaluateTokens } from "../evaluate/evaluate-tokens.js";
import { seededRandom } from "../generate/random-source.js";
import { METHODS } from "../quantize/method-table.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { layerTransforms } from "../transform/layer-transforms.js";
import { calibrateModel } from "./calibrate-model.js";
import { loadModel, openModel } from "./open-model.js";
import { openTokenizer } from "./open-tokenizer.js";
import { type QuantizeModelOptions, quantizeModel } from "./quantize-model.js";

const GPTQ: PlanSettings = { method: "gptq", options: { bits: 3, group: 16 }, rules: [] };
const RTN: PlanSettings = { method: "rtn", options: { bits: 3, group: 16 }, rules: [] };

/** For the commands that make their backends themselves. */
const NATIVE = {
  module: new URL("../../../kernels-native/src/index.ts", import.meta.url).href,
  exportName: "createNativeBackend",
};

let folder: string;
let input: string;
let backend: KernelBackend;
let set: CalibrationSet;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-quantize-model-"));
  input = await goldenDirectory("qwen3");
  backend = await createNativeBackend();
  set = await randomSet(4, 16);
});
afterAll(async () => {
  backend.close();
  await rm(folder, { recursive: true });
});

async function goldenDirectory(name: string): Promise<string> {
  const golden = readGolden(name);
  await mkdir(at(name));
  await writeFile(join(at(name), "model.safetensors"), writeSafetensors(goldenTensors(golden)));
  await writeFile(join(at(name), "config.json"), JSON.stringify(golden.config));
  return at(name);
}

function randomSet(samples: number, length: number): Promise<CalibrationSet> {
  const vocabularySize = readGolden("qwen3").config["vocab_size"] as number;
  const random = seededRandom(3);
  const ids = Uint32Array.from({ length: samples * length }, () => Math.floor(random() * vocabularySize));
  return calibrationSet({ ids, length, vocabularySize });
}

async function quantize(name: string, options: Partial<QuantizeModelOptions> = {}, path = input, on = backend) {
  const source = await openModel(path, on);
  try {
    return await quantizeModel(source, on, {
      output: at(name),
      plan: GPTQ,
      statistics: { kind: "calibration", set },
      ...options,
    });
  } finally {
    await source.close();
  }
}

async function calibrate(name: string, kinds: Parameters<typeof calibrateModel>[3]["kinds"]): Promise<string> {
  const source = await openModel(input, backend);
  try {
    await calibrateModel(source, backend, set, { kinds, output: at(name), lowbitVersion: "0.0.0" });
  } finally {
    await source.close();
  }
  return at(name);
}

/** Digest of every file of a directory. */
async function digests(name: string): Promise<Record<string, string>> {
  const names = (await readdir(at(name))).toSorted();
  const entries = names.map(async (file) => [
    file,
    createHash("sha256")
      .update(await readFile(join(at(name), file)))
      .digest("hex"),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}

const code = (expected: string) => expect.objectContaining({ code: expected });

function rule(pattern: RegExp, action: TensorRule["action"]): TensorRule {
  return { origin: String(pattern), matches: (name) => pattern.test(name), action };
}

/** The methods, with one that does something before it quantizes its n-th layer. */
function interrupted(layer: number, act: () => void): typeof METHODS {
  let seen = 0;
  const { gptq } = CALIBRATED_QUANTIZERS as { readonly gptq: CalibratedQuantizer };
  const quantizeLayer: CalibratedQuantizer["quantizeLayer"] = (...args) => {
    if (seen++ === layer) act();
    return gptq.quantizeLayer(...args);
  };
  return { ...METHODS, gptq: { ...gptq, quantizeLayer } };
}

describe("quantizeModel", () => {
  it("writes a model that opens, compares and dequantizes with the figures of the report", async () => {
    const report = await quantize("whole");
    expect(report.totals.quantizedTensors).toBe(14);
    expect(report.outputError).toBeGreaterThan(0);
    for (const { planned, error, outputError } of report.tensors) {
      expect([error === undefined, outputError === undefined]).toEqual([
        planned.action === "keep",
        planned.action === "keep",
      ]);
    }
    const run = { threads: 1, backend: NATIVE };
    const { weights } = await compareCheckpoints({ left: input, right: at("whole"), ...run });
    for (const { planned, error } of report.tensors) {
      if (!error) continue;
      const compared = weights.find(({ name }) => name === planned.tensor.name)!;
      expect(compared).toMatchObject({ error: { relativeError: error.relativeError } });
    }
    await dequantizeCheckpoint({ input: at("whole"), output: at("twin"), dtype: "F32", ...run });
    const model = await loadModel(at("whole"), backend);
    expect(model.blocks[0]!.feedForward.down.terms.map(({ layout }) => layout.kind)).toEqual(["affine"]);
    model.close();
    const config = JSON.parse(await readFile(join(at("whole"), "config.json"), "utf8")) as Record<string, unknown>;
    expect(config["quantization_config"]).toMatchObject({
      quant_method: "lowbit",
      method: "gptq",
      statistics: expect.stringMatching(/^quantized: 4 samples of 16 given token ids; [0-9a-f]{16}$/),
    });
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("gives the same bytes from saved statistics as from a walk over the original model", async () => {
    const path = await calibrate("saved.safetensors", ["hessian"]);
    await quantize("from-file", { statistics: { kind: "file", path } });
    await quantize("from-walk", { statistics: { kind: "calibration", set, protocol: "original" } });
    expect(await digests("from-file")).toEqual(await digests("from-walk"));
  });

  it("gives other bytes for each protocol, the same for every number of threads", async () => {
    const threads = await createNativeBackend({ threads: 2 });
    const seen = new Set<string>();
    for (const protocol of ["original", "quantized", "true-sequential"] as const) {
      const statistics = { kind: "calibration", set, protocol } as const;
      await quantize(`${protocol}-1`, { statistics });
      await quantize(`${protocol}-2`, { statistics }, input, threads);
      expect(await digests(`${protocol}-2`)).toEqual(await digests(`${protocol}-1`));
      seen.add((await digests(`${protocol}-1`))["model.safetensors"]!);
    }
    threads.close();
    expect(seen.size).toBe(3);
  });

  it.each(["original", "quantized", "true-sequential"] as const)(
    "goes on after every block and gives the same bytes: %s",
    async (protocol) => {
      const statistics = { kind: "calibration", set, protocol } as const;
      await quantize(`${protocol}-straight`, { statistics });
      const layers = 7;
      // Before the second block, in its middle, and when all blocks are done but the files are not written.
      for (const stop of [layers, layers + 3, 2 * layers - 1]) {
        const output = at(`${protocol}-resumed`);
        const controller = new AbortController();
        const methods = interrupted(stop, () => controller.abort());
        await expect(quantize("", { output, statistics, methods, signal: controller.signal })).rejects.toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(pipeline|calibration)\/aborted$/) }),
        );
        await expect(readdir(output)).rejects.toThrow("ENOENT");
        const staged = (await readdir(`${output}.partial/staged`)).length;
        expect(staged).toBe(stop === 2 * layers - 1 ? 2 : 1);
        const report = await quantize("", { output, statistics, resume: true });
        expect(report.tensors.filter(({ resumed }) => resumed).length).toBe(staged * layers);
        expect(
          report.tensors.every(({ planned, error }) => (planned.action === "keep") === (error === undefined)),
        ).toBe(true);
        expect(await digests(`${protocol}-resumed`)).toEqual(await digests(`${protocol}-straight`));
        await rm(output, { recursive: true });
      }
    },
  );

  it("goes on only with the same settings, samples and backend, and only from what is whole", async () => {
    const controller = new AbortController();
    const methods = interrupted(7, () => controller.abort());
    await expect(quantize("stopped", { methods, signal: controller.signal })).rejects.toThrow(code("pipeline/aborted"));
    await expect(quantize("stopped")).rejects.toThrow(code("pipeline/partial-exists"));
    const other = { kind: "calibration", set: await randomSet(3, 16) } as const;
    await expect(quantize("stopped", { resume: true, statistics: other })).rejects.toThrow(/statistics was/);
    const plan = { ...GPTQ, options: { bits: 2, group: 16 } };
    await expect(quantize("stopped", { resume: true, plan })).rejects.toThrow(code("pipeline/resume-mismatch"));
    const single = await createNativeBackend({ isa: "scalar" });
    await expect(quantize("stopped", { resume: true }, input, single)).rejects.toThrow(/backend was/);
    single.close();
    await cp(at("stopped.partial"), at("damaged.partial"), { recursive: true });
    const stage = join(at("damaged.partial"), "staged", "block-00000.safetensors");
    await truncate(stage, 100);
    await expect(quantize("damaged", { resume: true })).rejects.toThrow(code("pipeline/resume-damaged"));
    expect(await readdir(at("damaged.partial"))).toContain("staged");
    await rm(stage);
    await expect(quantize("damaged", { resume: true })).rejects.toThrow(code("pipeline/resume-damaged"));
    await quantize("stopped", { resume: true });
    expect(await digests("stopped")).toEqual(await digests("whole"));
  });

  it("mixes methods of both kinds by rules, and quantizes weights outside the blocks", async () => {
    const rules = [
      rule(/down_proj/, { kind: "quantize", method: "rtn", options: { bits: 8, group: 16 } }),
      rule(/o_proj/, { kind: "keep" }),
      rule(/embed_tokens/, { kind: "quantize", method: "rtn", options: { bits: 8, group: 16 } }),
    ];
    const report = await quantize("mixed", { plan: { ...GPTQ, rules } });
    const methods = report.tensors.map(({ planned }) => planned.quantization?.method ?? "keep");
    expect(methods.filter((method) => method === "gptq").length).toBe(10);
    expect(methods.filter((method) => method === "rtn").length).toBe(3);
    const head = report.tensors.find(({ planned }) => planned.tensor.name.includes("embed_tokens"))!;
    expect(head.outputError).toBeUndefined();
    const model = await loadModel(at("mixed"), backend);
    expect(model.embedding.tokens.terms[0]!.layout).toMatchObject({ kind: "affine", bits: 8 });
    model.close();
  });

  it("works without statistics where no method needs any, and with the bytes of the streaming pipeline", async () => {
    for (const method of ["rtn", "svid"]) {
      const plan = { method, options: {}, rules: [] };
      const report = await quantize(`${method}-plain`, { plan, statistics: { kind: "none" } });
      expect(report.outputError).toBeUndefined();
      const measured = await quantize(`${method}-measured`, { plan });
      expect(measured.outputError).toBeGreaterThan(0);
      const streamed = { input, output: at(`${method}-streamed`), plan, quantizers: QUANTIZERS, threads: 1 };
      await quantizeCheckpoint({ ...streamed, backend: NATIVE });
      expect(await digests(`${method}-measured`)).toEqual(await digests(`${method}-streamed`));
      expect(await digests(`${method}-plain`)).toEqual(await digests(`${method}-streamed`));
    }
  });

  it("collects gradients once and keeps them for --resume", async () => {
    const plan = { method: "gwq", options: { group: 16 }, rules: [] };
    const controller = new AbortController();
    const phases = new Set<string>();
    const stop = ({ phase, label }: { phase: string; label: string }): void => {
      phases.add(phase);
      if (label.startsWith("block 2")) controller.abort();
    };
    await expect(quantize("gradients", { plan, signal: controller.signal, onProgress: stop })).rejects.toThrow(
      expect.objectContaining({ code: expect.stringContaining("aborted") }),
    );
    expect([...phases]).toEqual(["gradients", "blocks"]);
    phases.clear();
    await quantize("gradients", { plan, resume: true, onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(["blocks", "files"]);
    await quantize("gradients-straight", { plan });
    expect(await digests("gradients")).toEqual(await digests("gradients-straight"));
  });

  it.each(Object.keys(CALIBRATED_QUANTIZERS))(
    "%s: stored bits as reported, and the same bytes after --resume",
    async (name) => {
      const plan = { method: name, options: {}, rules: [] };
      const report = await quantize(`${name}-straight`, { plan });
      const checkpoint = await openCheckpoint(at(`${name}-straight`));
      const stored = recogniseWeights(checkpoint).filter(({ kind }) => kind === "quantized");
      const bytes = stored.reduce((sum, { byteLength }) => sum + byteLength, 0);
      await checkpoint.close();
      expect((report.totals.quantizedBitsPerWeight * report.totals.quantizedWeights) / 8).toBeCloseTo(bytes, 6);
      (await loadModel(at(`${name}-straight`), backend)).close();
      const controller = new AbortController();
      const stop = ({ label }: { label: string }): void => {
        if (label.startsWith("block 2")) controller.abort();
      };
      await expect(quantize(`${name}-resumed`, { plan, signal: controller.signal, onProgress: stop })).rejects.toThrow(
        expect.objectContaining({ code: expect.stringContaining("aborted") }),
      );
      await quantize(`${name}-resumed`, { plan, resume: true });
      expect(await digests(`${name}-resumed`)).toEqual(await digests(`${name}-straight`));
    },
  );

  it("splits its output as asked, and writes a single file", async () => {
    await quantize("shards", { maxShardBytes: 4_000 });
    expect((await readdir(at("shards"))).filter((name) => name.endsWith(".safetensors")).length).toBeGreaterThan(1);
    (await loadModel(at("shards"), backend)).close();
    await quantize("single.safetensors");
    const checkpoint = await openCheckpoint(at("single.safetensors"));
    expect(checkpoint.shards).toEqual(["single.safetensors"]);
    await checkpoint.close();
  });
});

describe("quantizeModel refuses, and writes nothing:", () => {
  const refused = async (expected: string, options: Partial<QuantizeModelOptions>, path = input): Promise<void> => {
    const before = await readdir(folder);
    await expect(quantize("refused", options, path)).rejects.toThrow(code(expected));
    expect(await readdir(folder)).toEqual(before);
  };

  it("a method without the statistics that it needs", async () => {
    await refused("quantize/statistics-needed", { statistics: { kind: "none" } });
  });

  it("statistics of another kind, of another model, or that nothing reads", async () => {
    const path = await calibrate("means.safetensors", ["mean-abs"]);
    await refused("calibration/missing-statistic", { statistics: { kind: "file", path } });
    await refused("quantize/statistics-unused", { plan: RTN, statistics: { kind: "file", path } });
    const other = await goldenDirectory("llama3");
    await refused("calibration/other-model", { statistics: { kind: "file", path } }, other);
  });

  it("methods that read magnitudes or gradients of inputs that are rotated, before a block is read", async () => {
    const seen: unknown[] = [];
    const run = (method: string, rules: readonly TensorRule[] = []) => ({
      plan: { method, options: {}, rules },
      layerTransforms: layerTransforms({ rotate: "all" })!,
      onProgress: (progress: unknown) => seen.push(progress),
    });
    const awq = (pattern: RegExp) => [rule(pattern, { kind: "quantize", method: "awq", options: {} })];
    await refused("quantize/statistic-transform", run("awq"));
    await refused("quantize/statistic-transform", run("gwq"));
    await refused("quantize/statistic-transform", run("rtn", awq(/layers\.1\..*o_proj/)));
    const path = await calibrate("magnitudes.safetensors", ["hessian", "mean-abs"]);
    await refused("quantize/statistic-transform", { ...run("awq"), statistics: { kind: "file", path } });
    expect(seen).toEqual([]);
    // Nothing rotates an odd number of inputs, so that the method fits there.
    await quantize("awq-rotated", run("gptq", awq(/down_proj/)));
  });

  it("methods of layers and transforms on transposed weights; methods of rows work there", async () => {
    const path = await goldenDirectory("gpt2");
    const { vocab_size: vocabularySize } = readGolden("gpt2").config as { readonly vocab_size: number };
    const ids = Uint32Array.from({ length: 32 }, (_, i) => i % vocabularySize);
    const statistics = { kind: "calibration", set: await calibrationSet({ ids, length: 8, vocabularySize }) } as const;
    await refused("quantize/transposed-layer", { statistics }, path);
    for (const transforms of [{ smooth: { alpha: 0.5 } }, { rotate: "down" }, { rotate: "all" }] as const) {
      const given = { plan: RTN, statistics, layerTransforms: layerTransforms(transforms)! };
      await refused("quantize/transposed-layer", given, path);
    }
    const report = await quantize("transposed", { plan: RTN, statistics }, path);
    expect(report.outputError).toBeGreaterThan(0);
  });

  it("a method that needs statistics on a weight outside the blocks", async () => {
    const rules = [rule(/embed_tokens/, { kind: "quantize", method: "gptq", options: {} })];
    await refused("quantize/outside-blocks", { plan: { ...GPTQ, rules } });
  });

  it("an unknown method, and a plan that keeps everything", async () => {
    await refused("options/unknown-method", { plan: { ...GPTQ, method: "gptr" } });
    await refused("pipeline/nothing-to-do", { plan: { ...GPTQ, rules: [rule(/./, { kind: "keep" })] } });
  });

  it("a layer that its method cannot quantize, and names it", async () => {
    const { gptq } = CALIBRATED_QUANTIZERS as { readonly gptq: CalibratedQuantizer };
    let seen = 0;
    const quantizeLayer: CalibratedQuantizer["quantizeLayer"] = (layer, ...rest) => {
      if (seen++ < 9) return gptq.quantizeLayer(layer, ...rest);
      const hessian = layer.statistics.values.hessian!.map(() => Number.NaN);
      return gptq.quantizeLayer({ ...layer, statistics: { ...layer.statistics, values: { hessian } } }, ...rest);
    };
    const before = await readdir(folder);
    const methods = { ...METHODS, gptq: { ...gptq, quantizeLayer } };
    await expect(quantize("refused", { methods })).rejects.toThrow(
      expect.objectContaining({
        code: "quantize/not-positive-definite",
        facts: expect.objectContaining({ weight: expect.stringContaining("model.layers.1.") }),
      }),
    );
    expect(await readdir(folder)).toEqual(before);
  });
});

describe("quantizeModel on the bundled model", { timeout: 60_000 }, () => {
  it("by gptq at 3 bits is better than round to nearest, and not better than the original", async () => {
    const tokenizer = await openTokenizer(TINY_LLAMA);
    const text = tokenizer.encode(await readFile(join(TINY_LLAMA, "sample.txt"), "utf8"));
    // Few tokens would not do: with less than a few times 768, the widest input, GPTQ fits the samples and not the text.
    const windows = { samples: 32, length: 128, seed: 0, vocabularySize: 2048, beginToken: 1 };
    const tiny = await randomWindows(text.subarray(1020), windows);
    const plan = (method: string): PlanSettings => ({ method, options: { bits: 3, group: 128 }, rules: [] });
    const statistics = { kind: "calibration", set: tiny } as const;
    const gptq = await quantize("tiny-gptq", { plan: plan("gptq"), statistics }, TINY_LLAMA);
    const rtn = await quantize("tiny-rtn", { plan: plan("rtn"), statistics }, TINY_LLAMA);
    expect(gptq.outputError).toBeLessThan(rtn.outputError! / 2);
    const perplexities = [];
    for (const path of [TINY_LLAMA, at("tiny-gptq"), at("tiny-rtn")]) {
      const model = await loadModel(path, backend);
      const { perplexity } = await evaluateTokens(model, backend, text.subarray(0, 1020));
      perplexities.push(perplexity.mean);
      model.close();
    }
    expect(perplexities).toEqual(perplexities.toSorted((a, b) => a - b));
  });
});
