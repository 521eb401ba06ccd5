import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import type { TensorRule } from "@lowbit/core/pipeline";
import type { StatisticKind } from "@lowbit/core/quantizers";
import { createNativeBackend } from "@lowbit/kernels-native";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CalibrationSet } from "../calibration/calibration-set.js";
import { tinySet } from "../calibration/tiny-calibration.fixture.js";
import type { ModelSource } from "../model/language-model.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { calibrateModel } from "./calibrate-model.js";
import { openModel } from "./open-model.js";
import { type PlanByTargetOptions, planByTarget } from "./plan-by-target.js";

const CANDIDATES = [2, 4].map((bits) => ({ method: "rtn", options: { bits, group: 128 } }));

const keep = (matches: (name: string) => boolean): TensorRule => ({
  origin: "test",
  matches,
  action: { kind: "keep" },
});
/** The first two of the model's six blocks are enough here. */
const TWO_BLOCKS = keep((name) => /layers\.[2-5]\./.test(name));

let backend: KernelBackend;
let source: ModelSource;
let set: CalibrationSet;
let folder: string;
/** Saved statistics, without gradients. */
let saved: PlanByTargetOptions["statistics"];
beforeAll(async () => {
  backend = await createNativeBackend();
  source = await openModel(TINY_LLAMA, backend);
  set = await tinySet(3, 16);
  folder = await mkdtemp(join(tmpdir(), "lowbit-target-"));
  saved = { kind: "file", path: await save("hessian") };
});
afterAll(async () => {
  await source.close();
  backend.close();
  await rm(folder, { recursive: true });
});

async function save(kind: StatisticKind): Promise<string> {
  const output = join(folder, `${kind}.safetensors`);
  await calibrateModel(source, backend, set, { kinds: [kind], output, lowbitVersion: "0" });
  return output;
}

const plan = (name: string, options: Partial<PlanByTargetOptions> = {}) =>
  planByTarget(source, backend, {
    targetBitsPerWeight: 3,
    candidates: CANDIDATES,
    output: join(folder, name),
    rules: [TWO_BLOCKS],
    statistics: saved,
    ...options,
  });

describe("planByTarget", { timeout: 60_000 }, () => {
  it("goes on with what a cancelled run has measured, to the same plan", async () => {
    const statistics = { kind: "calibration", set } as const;
    const whole = await plan("whole", { statistics });
    expect(whole.target.unit).toBe("loss");
    await whole.finish();
    expect(existsSync(join(folder, "whole.target"))).toBe(false);

    const controller = new AbortController();
    const onProgress: PlanByTargetOptions["onProgress"] = ({ phase, done }) => {
      if (phase === "candidates" && done === 6) controller.abort();
    };
    await expect(plan("cut", { statistics, signal: controller.signal, onProgress })).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/aborted" }),
    );
    const phases = new Set<string>();
    let total = 0;
    const resumed = await plan("cut", {
      statistics,
      resume: true,
      onProgress: (progress) => {
        phases.add(progress.phase);
        total = progress.total;
      },
    });
    expect(phases).toEqual(new Set(["candidates"]));
    expect(total).toBe((14 - 3) * CANDIDATES.length);
    expect(resumed.target.layers.map(({ candidate }) => candidate.label)).toEqual(
      whole.target.layers.map(({ candidate }) => candidate.label),
    );
    await resumed.finish();
  });

  it("takes what was measured for another target from a file, and no other file", async () => {
    const measuredPath = join(folder, "measured.json");
    await (await plan("first", { measuredPath })).finish();
    let measured = 0;
    const { target, finish } = await plan("second", {
      measuredPath,
      targetBitsPerWeight: 3.5,
      onProgress: () => measured++,
    });
    await finish();
    expect([measured, target.assignment.bitsPerWeight > 3.4]).toEqual([0, true]);
    const others = plan("third", { measuredPath, candidates: CANDIDATES.slice(0, 1) });
    await expect(others).rejects.toThrow(expect.objectContaining({ code: "pipeline/not-replaceable" }));
    await writeFile(measuredPath, "thesis");
    await expect(plan("fourth", { measuredPath })).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/not-replaceable" }),
    );
  });

  it("gives every chosen layer a rule, and leaves those to others that have one", async () => {
    const rules = [TWO_BLOCKS, keep((name) => name.includes("layers.1."))];
    const { target, settings, finish } = await plan("rules", { rules });
    await finish();
    expect(target.layers).toHaveLength(7);
    expect(settings.rules).toHaveLength(9);
    const [first] = target.layers;
    const rule = settings.rules.find(({ matches }) => matches(first!.name));
    expect(rule?.action).toEqual({
      kind: "quantize",
      ...CANDIDATES.find(({ options }) => first!.candidate.label.includes(`bits=${options.bits}`)),
    });
  });

  it("removes what it kept when the target cannot be met", async () => {
    await expect(plan("far", { targetBitsPerWeight: 6 })).rejects.toThrow(
      expect.objectContaining({ code: "quantize/target-out-of-reach" }),
    );
    expect(existsSync(join(folder, "far.target"))).toBe(false);
  });

  it("refuses saved statistics without what candidates need, and takes those without gradients for relative errors", async () => {
    const statistics = { kind: "file", path: await save("mean-abs") } as const;
    await expect(plan("file", { statistics })).rejects.toThrow(
      expect.objectContaining({ code: "calibration/missing-statistic" }),
    );
    const { target, finish } = await plan("file");
    await finish();
    expect(target.unit).toBe("relative-error");
  });

  it("refuses when no layer is left, and a folder that is not its own", async () => {
    await expect(plan("none", { rules: [keep(() => true)] })).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/nothing-to-do" }),
    );
    const { finish } = await plan("foreign");
    await writeFile(join(folder, "foreign.target", "thesis.txt"), "mine");
    await expect(plan("foreign")).rejects.toThrow(expect.objectContaining({ code: "pipeline/not-replaceable" }));
    await finish();
  });
});
