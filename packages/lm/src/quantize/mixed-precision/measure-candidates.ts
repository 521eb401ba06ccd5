import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { STATISTIC_KINDS, type StatisticKind } from "@lowbit/core/quantizers";
import type { StatisticsFile } from "../../calibration/statistics-file.js";
import { pauseUnlessAborted } from "../../forward/pause-unless-aborted.js";
import type { ModelSource } from "../../model/language-model.js";
import { blockLinears } from "../../model/layers.js";
import { candidateNeeds, type ResolvedCandidate } from "./candidate.js";
import { type MeasuredLayer, measureLayer } from "./measure-layer.js";

export interface MeasureOptions {
  /** Candidates of the layers to measure, by name of the weight; other layers are left out. */
  readonly candidates: ReadonlyMap<string, readonly ResolvedCandidate[]>;
  readonly statistics: StatisticsFile;
  /** What an earlier run has measured. */
  readonly done?: ReadonlyMap<string, MeasuredLayer>;
  /** Gets every layer that was measured now. */
  readonly layerDone?: (layer: MeasuredLayer) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MeasureProgress) => void;
}

export interface MeasureProgress {
  /** Name of the layer's weight. */
  readonly layer: string;
  /** Layers times candidates. */
  readonly done: number;
  readonly total: number;
}

/** Statistics that measuring these candidates takes; gradients are used where the file has them. */
export function measuringNeeds(candidates: Iterable<ResolvedCandidate>): readonly StatisticKind[] {
  const needs = new Set<StatisticKind>(["hessian"]);
  for (const candidate of candidates) for (const kind of candidateNeeds(candidate)) needs.add(kind);
  return STATISTIC_KINDS.filter((kind) => needs.has(kind));
}

/**
 * What every candidate would cost in every layer, in the order of the forward pass, a block in memory at a time.
 * @throws `quantize/no-candidate-fits`, `pipeline/aborted`, `calibration/…`
 */
export async function measureCandidates(
  source: ModelSource,
  backend: KernelBackend,
  options: MeasureOptions,
): Promise<readonly MeasuredLayer[]> {
  const { candidates, statistics, done, layerDone, signal, onProgress } = options;
  const pause = pauseUnlessAborted(signal, "pipeline/aborted", "The run was cancelled; measured layers are kept.");
  const gradients: readonly StatisticKind[] = statistics.schema.kinds.filter((kind) => kind === "gradient-square");
  const total = [...candidates].reduce((sum, [name, list]) => sum + (done?.has(name) ? 0 : list.length), 0);
  const measured: MeasuredLayer[] = [];
  let finished = 0;
  for (let index = 0; index < source.config.blockCount; index++) {
    const names = source.describeBlock(index).groups.flatMap((group) => group.map(({ name }) => name));
    const wanted = names.filter((name) => candidates.has(name));
    if (wanted.every((name) => done?.has(name))) {
      measured.push(...wanted.map((name) => done!.get(name)!));
      continue;
    }
    const { part: block, release } = await source.loadBlock(index);
    try {
      for (const layer of blockLinears(block)) {
        const list = candidates.get(layer.name);
        if (list === undefined) continue;
        const earlier = done?.get(layer.name);
        if (earlier !== undefined) {
          measured.push(earlier);
          continue;
        }
        const kinds = new Set([...measuringNeeds(list), ...gradients]);
        const found = await statistics.layer(
          layer.name,
          STATISTIC_KINDS.filter((kind) => kinds.has(kind)),
        );
        const result = await measureLayer(layer, found, list, backend, async () => {
          onProgress?.({ layer: layer.name, done: finished++, total });
          await pause();
        });
        refuseAllFailed(result);
        await layerDone?.(result);
        measured.push(result);
      }
    } finally {
      release();
    }
  }
  return measured;
}

function refuseAllFailed({ name, figures }: MeasuredLayer): void {
  const all = Object.entries(figures);
  if (all.some(([, found]) => "cost" in found)) return;
  const [label, failure] = all[0]!;
  if ("cost" in failure) return;
  throw new LowbitError(
    "quantize/no-candidate-fits",
    `${name}: none of the ${all.length} candidates can be used; ${label}: ${failure.message}`,
    { weight: name, candidates: all.map(([candidate]) => candidate), code: failure.code },
  );
}
