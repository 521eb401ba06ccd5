import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import { writeFileAtomic } from "@lowbit/core/node";
import type { ModelQuality, QualityProtocol } from "./quality-row.js";

const VERSION = 1;

/** The results of all runs into one page, kept as JSON beside it: what a later run goes on from, and what programs read. */
export interface KeptResults {
  /** One a model, in the order in which models came. */
  readonly models: readonly ModelQuality[];
  /** What was kept of a model, if it was measured in the same way. */
  find(model: string, protocol: QualityProtocol): ModelQuality | undefined;
  /** Puts a model in, or in the place of an earlier result of the same name, and saves. */
  put(quality: ModelQuality): Promise<void>;
}

/** Path of the JSON file of a page. */
export function resultsPath(page: string): string {
  return `${page.slice(0, page.length - extname(page).length)}.json`;
}

/** @throws `options/invalid-results` for a file that is something else */
export async function openKeptResults(page: string): Promise<KeptResults> {
  const path = resultsPath(page);
  const models = await readModels(path);
  return {
    models,
    find: (model, protocol) =>
      models.find((kept) => kept.model === model && JSON.stringify(kept.protocol) === JSON.stringify(protocol)),
    async put(quality) {
      const at = models.findIndex(({ model }) => model === quality.model);
      models.splice(at < 0 ? models.length : at, 1, quality);
      await writeFileAtomic(path, `${JSON.stringify({ version: VERSION, models }, notFinite, 2)}\n`);
    },
  };
}

async function readModels(path: string): Promise<ModelQuality[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    const kept = JSON.parse(text, finite) as { version: number; models: ModelQuality[] };
    if (kept.version === VERSION && Array.isArray(kept.models)) return kept.models;
  } catch {}
  throw new LowbitError("options/invalid-results", `${path} holds no results of lowbit bench quality.`, { path });
}

const NOT_FINITE = ["NaN", "Infinity", "-Infinity"];

function notFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function finite(_key: string, value: unknown): unknown {
  return typeof value === "string" && NOT_FINITE.includes(value) ? Number(value) : value;
}
