import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { BackendName } from "@lowbit/core/backend";
import { ERROR_CODES, type ErrorCode, LowbitError } from "@lowbit/core/errors";
import { lowbitVersion } from "@lowbit/core/node";
import { METHODS } from "@lowbit/lm";
import { modelDirectory } from "@lowbit/lm/node";
import { describeBackend } from "../../backend-choice.js";
import { readText } from "../../evaluate/read-tokens.js";
import { measuredMean, readEvaluation, readInspection } from "./command-results.js";
import { openKeptResults } from "./kept-results.js";
import { evaluateArguments, type ModelBench, measureSetting } from "./measure-setting.js";
import type { ModelQuality, QualityProtocol, QualityRow } from "./quality-row.js";
import { runChild } from "./run-child.js";
import { type Setting, settingArguments } from "./setting.js";
import { ordered, settingNeeds } from "./setting-needs.js";
import { splitText } from "./split-text.js";
import { writePage } from "./write-page.js";

export interface QualityOptions {
  readonly models: readonly string[];
  /** Text to evaluate on; without `calibrationText` its first part is calibrated on instead. */
  readonly text: string;
  readonly calibrationText?: string;
  readonly settings: readonly Setting[];
  readonly samples: number;
  readonly sampleLength: number;
  readonly seed: number;
  readonly context: number;
  readonly windows: number;
  /** Path of the page, "docs/quality.md". */
  readonly output: string;
  /** As it was typed, for the page. */
  readonly command: string;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

/**
 * Measures every setting on every model. The page, its pictures and the results as JSON are written after every row, so that
 * a run that was cut short goes on where it was.
 * @returns what the page has of these models
 */
export async function runQuality(options: QualityOptions): Promise<readonly ModelQuality[]> {
  // Wrong options of a method show before any work.
  for (const setting of options.settings) settingNeeds(setting, METHODS);
  const kept = await openKeptResults(options.output);
  const measured: ModelQuality[] = [];
  for (const model of options.models) {
    const directory = await mkdtemp(join(tmpdir(), "lowbit-quality-"));
    try {
      const save = async (quality: ModelQuality): Promise<void> => {
        await kept.put(quality);
        await writePage(options.output, kept.models);
      };
      const { bench, protocol } = await prepare(options, model, directory);
      const earlier = kept.find(modelName(model), protocol);
      measured.push(await measureModel(options, bench, protocol, earlier, save));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return measured;
}

async function prepare(
  options: QualityOptions,
  model: string,
  directory: string,
): Promise<{ bench: ModelBench; protocol: QualityProtocol }> {
  const text = await readText(options.text);
  const parts =
    options.calibrationText === undefined
      ? splitText(text)
      : { calibration: await readText(options.calibrationText), evaluation: text };
  const evaluationText = join(directory, "evaluation.txt");
  await writeFile(evaluationText, parts.evaluation);
  await writeFile(join(directory, "calibration.txt"), parts.calibration);
  const { samples, sampleLength, seed, context, windows, threads, backend, signal } = options;
  return {
    bench: {
      model,
      directory,
      evaluationText,
      statistics: join(directory, "statistics.safetensors"),
      context,
      windows,
      machineArguments: ["--threads", String(threads), ...(backend === undefined ? [] : ["--backend", backend])],
      signal,
    },
    protocol: {
      lowbitVersion: lowbitVersion(),
      modelHash: await hashModel(model),
      textHash: sha256(parts.evaluation),
      calibrationHash: sha256(parts.calibration),
      samples,
      sampleLength,
      seed,
      context,
      windows,
    },
  };
}

async function measureModel(
  options: QualityOptions,
  bench: ModelBench,
  protocol: QualityProtocol,
  earlier: ModelQuality | undefined,
  save: (quality: ModelQuality) => Promise<void>,
): Promise<ModelQuality> {
  const { settings, command, onStep } = options;
  const model = modelName(bench.model);
  const finished = new Map(earlier?.rows.map((row) => [row.name, row]));
  const isFinished = (setting: Setting): boolean => {
    const row = finished.get(setting.name);
    return row?.status === "done" && row.arguments.join(" ") === settingArguments(setting).join(" ");
  };
  const pending = settings.filter((setting) => !isFinished(setting));
  const names = settings.map(({ name }) => name);
  const current = (): readonly QualityRow[] =>
    [...finished.values()].toSorted((a, b) => place(names, a.name) - place(names, b.name));

  let quality = earlier;
  if (quality === undefined) {
    onStep?.(`${model}: the original`);
    quality = { model, protocol, command, rows: [], ...(await measureOriginal(bench)) };
  }
  const needs = ordered(pending.flatMap((setting) => settingNeeds(setting, METHODS)));
  if (needs.length > 0) {
    onStep?.(`${model}: statistics ${needs.join(", ")}`);
    const { samples, sampleLength, seed } = protocol;
    const sizes = ["--samples", String(samples), "--sample-length", String(sampleLength), "--seed", String(seed)];
    const text = ["--text", join(bench.directory, "calibration.txt"), "--out", bench.statistics];
    await required(
      ["calibrate", bench.model, ...text, "--collect", needs.join(","), ...sizes, ...bench.machineArguments],
      bench,
    );
  }
  for (const [index, setting] of pending.entries()) {
    onStep?.(`${model}: ${setting.name}, ${index + 1} of ${pending.length}`);
    const row = await measureSetting(bench, setting, settingNeeds(setting, METHODS).length > 0);
    if (row.status === "failed") onStep?.(`${model}: ${setting.name} failed: ${row.code}: ${row.message}`);
    finished.set(row.name, row);
    quality = { ...quality, command, rows: current() };
    await save(quality);
  }
  if (pending.length === 0) await save(quality);
  return quality;
}

/** Rows of earlier runs with other settings come last. */
function place(names: readonly string[], name: string): number {
  const at = names.indexOf(name);
  return at < 0 ? names.length : at;
}

async function measureOriginal(bench: ModelBench): Promise<Pick<ModelQuality, "original" | "machine">> {
  const json = await required(evaluateArguments(bench, bench.model), bench);
  const { evaluation, backend, isa, threads } = readEvaluation(json);
  const { total } = readInspection(await required(["inspect", bench.model], bench)).totals;
  return {
    machine: describeBackend({ backend, isa, threads }),
    original: {
      perplexity: measuredMean(evaluation.perplexity),
      scoredTokens: evaluation.protocol.scoredTokens,
      bitsPerWeight: (total.bytes * 8) / total.parameters,
    },
  };
}

/** What no row can do without. @throws what the command threw */
async function required(args: readonly string[], { signal }: ModelBench): Promise<unknown> {
  const answer = await runChild(args, signal);
  if (answer.status === "done") return answer.json;
  const { code, message } = answer;
  if (Object.hasOwn(ERROR_CODES, code)) throw new LowbitError(code as ErrorCode, message, { command: args[0]! });
  throw new LowbitError("options/command-line", `lowbit ${args.join(" ")} ended with ${code}: ${message}`, { code });
}

/** SHA-256 of the weights and the config of a model. */
async function hashModel(model: string): Promise<string> {
  const directory = modelDirectory(model);
  const hash = createHash("sha256");
  for (const name of (await readdir(directory)).toSorted()) {
    if (name !== "config.json" && !name.endsWith(".safetensors")) continue;
    for await (const piece of createReadStream(join(directory, name))) hash.update(piece as Uint8Array);
  }
  return hash.digest("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function modelName(model: string): string {
  return basename(resolve(modelDirectory(model)));
}
