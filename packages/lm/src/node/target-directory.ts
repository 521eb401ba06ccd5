import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import { writeFileAtomic } from "@lowbit/core/node";
import type { MeasuredLayer } from "../quantize/mixed-precision/index.js";

const MEASURED = "measured.json";
const STATISTICS = "statistics.safetensors";

/** What was measured for a target, kept in `OUTPUT.target` until the output is there. */
export interface TargetDirectory {
  /** Where statistics are kept that were collected for it. */
  readonly statisticsPath: string;
  readonly hasStatistics: boolean;
  /** Layers that an earlier run has measured, if it had the same circumstances. */
  open(circumstances: string): Promise<ReadonlyMap<string, MeasuredLayer>>;
  add(layer: MeasuredLayer): Promise<void>;
  remove(): Promise<void>;
}

/**
 * @param resume go on with what is there
 * @param measuredPath a file that keeps what was measured also after the run; by default it lies in the directory
 * @throws `pipeline/not-replaceable` where the directory holds other files, or the file something else
 */
export async function openTargetDirectory(
  output: string,
  resume: boolean,
  measuredPath?: string,
): Promise<TargetDirectory> {
  const path = `${output}.target`;
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  if (existsSync(path)) {
    const foreign = (await readdir(path)).find((name) => !isOurs(name));
    if (foreign !== undefined) {
      throw notReplaceable(path, `holds ${foreign}, which lowbit did not write`);
    }
    if (!resume) await remove();
  }
  await mkdir(path, { recursive: true });
  const file = measuredPath ?? join(path, MEASURED);
  const measured = new Map<string, MeasuredLayer>();
  let madeWith = "";
  return {
    statisticsPath: join(path, STATISTICS),
    get hasStatistics() {
      return existsSync(join(path, STATISTICS));
    },
    async open(circumstances) {
      madeWith = circumstances;
      if (!existsSync(file)) return measured;
      const kept = parseMeasured(file, await readFile(file, "utf8"));
      if (kept.circumstances === circumstances) for (const layer of kept.layers) measured.set(layer.name, layer);
      else if (measuredPath !== undefined) {
        throw notReplaceable(file, "was measured with other statistics, candidates, kernels or another model");
      }
      return measured;
    },
    async add(layer) {
      measured.set(layer.name, layer);
      await writeFileAtomic(file, JSON.stringify({ circumstances: madeWith, layers: [...measured.values()] }));
    },
    remove,
  };
}

interface Measured {
  readonly circumstances: string;
  readonly layers: readonly MeasuredLayer[];
}

function parseMeasured(path: string, text: string): Measured {
  try {
    const kept = JSON.parse(text) as Partial<Measured>;
    if (typeof kept.circumstances === "string" && Array.isArray(kept.layers)) return kept as Measured;
  } catch {}
  throw notReplaceable(path, "holds no measured candidates");
}

function notReplaceable(path: string, problem: string): LowbitError {
  return new LowbitError("pipeline/not-replaceable", `${path} ${problem}.`, { path });
}

/** Ours, or a temporary file of ours that a killed run has left. */
function isOurs(name: string): boolean {
  return [MEASURED, STATISTICS].some(
    (file) => name === file || (name.startsWith(`.${file}.`) && name.endsWith(".partial")),
  );
}
