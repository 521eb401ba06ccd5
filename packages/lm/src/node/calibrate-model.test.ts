import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { type LayerStatistics, STATISTIC_KINDS } from "@lowbit/core/quantizers";
import { createNativeBackend } from "@lowbit/kernels-native";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CalibrationSet } from "../calibration/calibration-set.js";
import { collectGradients } from "../calibration/collect-gradients.js";
import { tinySet } from "../calibration/tiny-calibration.fixture.js";
import { walkBlocks } from "../calibration/walk-blocks.js";
import type { ModelSource } from "../model/language-model.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { type CalibrateOptions, calibrateModel } from "./calibrate-model.js";
import { checkStatisticsOutput } from "./check-statistics-output.js";
import { openModel } from "./open-model.js";
import { openStatistics } from "./open-statistics.js";

let backend: KernelBackend;
let source: ModelSource;
let set: CalibrationSet;
let folder: string;
beforeAll(async () => {
  backend = await createNativeBackend();
  source = await openModel(TINY_LLAMA, backend);
  set = await tinySet(3, 8);
  folder = await mkdtemp(join(tmpdir(), "lowbit-calibrate-"));
});
afterAll(async () => {
  await source.close();
  backend.close();
  await rm(folder, { recursive: true });
});

const calibrate = (name: string, options: Partial<CalibrateOptions> = {}) =>
  calibrateModel(source, backend, set, {
    kinds: ["mean-abs"],
    output: join(folder, name),
    lowbitVersion: "1.2.3",
    tokensPerBatch: 16,
    ...options,
  });

const LAYER = "model.layers.3.self_attn.v_proj.weight";

describe("calibrateModel", () => {
  it("saves what a walk and gradients give, and says what it is", async () => {
    const report = await calibrate("all.safetensors", { kinds: STATISTIC_KINDS });
    expect((await readFile(join(folder, "all.safetensors"))).byteLength).toBe(report.byteLength);
    expect(report.layerCount).toBe(42);
    const file = await openStatistics(join(folder, "all.safetensors"), await source.fingerprint());
    expect(file.schema).toMatchObject({
      version: 1,
      lowbitVersion: "1.2.3",
      modelFingerprint: await source.fingerprint(),
      calibration: { fingerprint: set.fingerprint, origin: set.origin, samples: 3, length: 8 },
      protocol: "original",
      activationBits: 32,
      dtype: "F32",
      kinds: STATISTIC_KINDS,
    });
    const found = await file.layer(LAYER);
    const collect = ["hessian", "mean-abs", "mean-square"] as const;
    let walked: LayerStatistics | undefined;
    const options = { protocol: "original", collect, tokensPerBatch: 16 } as const;
    await walkBlocks(source, backend, set, options, ({ statistics }) => {
      walked ??= statistics.get(LAYER);
      return undefined;
    });
    const gradients = new Float32Array(128 * 256);
    await collectGradients(source, backend, set, { kinds: ["gradient-abs"] }, (tensor, change) => {
      if (tensor === `${LAYER}.gradient-abs`) change(gradients);
    });
    const { values, ...sizes } = walked!;
    expect(found).toMatchObject(sizes);
    for (const kind of collect) expect(found.values[kind]).toEqual(values[kind]);
    expect(found.values["gradient-abs"]).toEqual(gradients);
    expect(found.values["gradient-square"]!.length).toBe(128 * 256);
    expect((await file.layer(LAYER, ["hessian"])).values).toEqual({ hessian: values.hessian });
    await file.close();
  });

  it("in f64", async () => {
    await calibrate("f64.safetensors", { kinds: ["hessian", "gradient-square"], dtype: "F64" });
    const file = await openStatistics(join(folder, "f64.safetensors"), await source.fingerprint());
    const { values } = await file.layer(LAYER);
    expect(values.hessian).toBeInstanceOf(Float64Array);
    expect(values["gradient-square"]).toBeInstanceOf(Float64Array);
    await file.close();
  });

  it.each([
    { kinds: ["hessian"], onDisk: { inputs: { activationsOnDisk: true } } },
    { kinds: ["gradient-abs"], onDisk: { gradients: { statisticsOnDisk: true, loadsWholeModel: false } } },
  ] as const)("writes the same bytes of $kinds in the least memory", async ({ kinds, onDisk }) => {
    const free = await calibrate(`${kinds[0]}-free.safetensors`, { kinds });
    expect(free.plan).not.toMatchObject(onDisk);
    const refused = await calibrate("refused.safetensors", { kinds, maxMemory: 1 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "calibration/memory-limit", facts: { found: 1 } });
    const maxMemory = (refused as { facts: { minimum: number } }).facts.minimum;
    const least = { kinds, maxMemory, temporaryDirectory: folder };
    const tight = await calibrate(`${kinds[0]}-tight.safetensors`, least);
    expect(tight.plan).toMatchObject({ ...onDisk, peakMemory: maxMemory });
    const [inMemory, kept] = await Promise.all(
      ["free", "tight"].map((name) => readFile(join(folder, `${kinds[0]}-${name}.safetensors`))),
    );
    expect(kept!.equals(inMemory!)).toBe(true);
    const names = await readdir(folder);
    expect(names.filter((name) => !name.endsWith(".safetensors"))).toEqual([]);
    expect(names).not.toContain("refused.safetensors");
  });

  it.each(["inputs", "gradients"])("aborted among the %s it leaves nothing", async (phase) => {
    const before = await readdir(folder);
    const controller = new AbortController();
    const work = calibrate("aborted.safetensors", {
      kinds: STATISTIC_KINDS,
      signal: controller.signal,
      onProgress: (progress) => {
        if (progress.phase === phase) controller.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: "calibration/aborted" });
    expect(await readdir(folder)).toEqual(before);
  });

  it("replaces statistics only with force, and other files never", async () => {
    await calibrate("twice.safetensors");
    await expect(calibrate("twice.safetensors")).rejects.toMatchObject({ code: "pipeline/output-exists" });
    await calibrate("twice.safetensors", { force: true });
    await writeFile(join(folder, "notes.txt"), "mine");
    await expect(calibrate("notes.txt", { force: true })).rejects.toMatchObject({ code: "pipeline/not-replaceable" });
    await expect(calibrate("", { force: true })).rejects.toMatchObject({ code: "pipeline/not-replaceable" });
    expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("mine");
    await rm(join(folder, "notes.txt"));
    const weights = await readFile(join(TINY_LLAMA, "model.safetensors"));
    await writeFile(join(folder, "weights.safetensors"), weights);
    await expect(calibrate("weights.safetensors", { force: true })).rejects.toMatchObject({
      code: "pipeline/not-replaceable",
    });
    expect((await readFile(join(folder, "weights.safetensors"))).equals(weights)).toBe(true);
    await rm(join(folder, "weights.safetensors"));
    await expect(calibrate("missing/out.safetensors")).rejects.toMatchObject({ code: "pipeline/write-failed" });
  });
});

describe("checkStatisticsOutput", () => {
  it.each(["", "/model.safetensors"])("refuses the folder of the model, given as folder%s", async (file) => {
    const model = join(folder, "model");
    await mkdir(model, { recursive: true });
    const output = join(model, "..", "model", "stats.safetensors");
    await expect(checkStatisticsOutput(output, model + file, false)).rejects.toMatchObject({
      code: "calibration/output-in-model",
      facts: { path: output, model },
    });
    await checkStatisticsOutput(join(folder, "stats.safetensors"), model + file, false);
    await rm(model, { recursive: true });
  });
});

describe("openStatistics", () => {
  it("refuses statistics of another model", async () => {
    await calibrate("other.safetensors");
    const [found, expected] = [await source.fingerprint(), "0".repeat(64)];
    await expect(openStatistics(join(folder, "other.safetensors"), expected)).rejects.toMatchObject({
      code: "calibration/other-model",
      facts: { found, expected },
    });
  });

  it("says what was not collected", async () => {
    await calibrate("means.safetensors");
    const file = await openStatistics(join(folder, "means.safetensors"), await source.fingerprint());
    const missing = { code: "calibration/missing-statistic" };
    await expect(file.layer(LAYER, ["hessian"])).rejects.toMatchObject({ ...missing, facts: { asked: "hessian" } });
    await expect(file.layer("lm_head.weight")).rejects.toMatchObject(missing);
    await expect(file.layer("toString")).rejects.toMatchObject(missing);
    await file.close();
  });

  it("refuses a file that was cut, and one that is a model", async () => {
    const path = join(folder, "cut.safetensors");
    await calibrate("cut.safetensors");
    await truncate(path, 20_000);
    const fingerprint = await source.fingerprint();
    await expect(openStatistics(path, fingerprint)).rejects.toMatchObject({ code: "safetensors/data-truncated" });
    const model = openStatistics(join(TINY_LLAMA, "model.safetensors"), fingerprint);
    await expect(model).rejects.toMatchObject({ code: "calibration/not-statistics" });
  });
});
