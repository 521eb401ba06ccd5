import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { AwqSettings, RotationSite, SmoothSettings, StatisticsFile, StatisticsReader } from "@lowbit/lm";
import {
  openModel,
  openStatistics,
  type TransformCheckpointOptions,
  type TransformedDtype,
  type TransformReport,
  transformCheckpoint,
} from "@lowbit/lm/node";
import { openBackend } from "../create-backend.js";

/** `lowbit transform` without its command line. */
export interface TransformRequest {
  readonly input: string;
  readonly output: string;
  readonly rotate: readonly RotationSite[];
  readonly seed: number;
  readonly smooth?: SmoothSettings;
  readonly awq?: AwqSettings;
  /** Statistics file of the model, for `smooth` and `awq`. */
  readonly statistics?: string;
  readonly dtype: TransformedDtype;
  readonly force: boolean;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: TransformCheckpointOptions["onProgress"];
}

/** @throws `options/command-line` for scales without statistics, and the other way round */
export async function runTransform(request: TransformRequest): Promise<TransformReport> {
  const { input, output, rotate, seed, smooth, awq, statistics, dtype, force, signal, onProgress } = request;
  checkStatistics(request);
  const { backend } = await openBackend(request.backend, request.threads);
  try {
    const source = await openModel(input, backend);
    const file = statistics === undefined ? undefined : await openStatistics(statistics, await source.fingerprint());
    try {
      return await transformCheckpoint(source, backend, {
        input,
        output,
        dtype,
        force,
        settings: {
          rotate,
          seed,
          ...(smooth !== undefined && { smooth: { ...smooth, statistics: reader(file!) } }),
          ...(awq !== undefined && { awq: { ...awq, statistics: reader(file!) } }),
        },
        ...(signal !== undefined && { signal }),
        ...(onProgress !== undefined && { onProgress }),
      });
    } finally {
      await file?.close();
      await source.close();
    }
  } finally {
    backend.close();
  }
}

function checkStatistics({ smooth, awq, statistics }: TransformRequest): void {
  const scales = smooth !== undefined ? "--smooth" : awq !== undefined ? "--awq" : undefined;
  if ((scales === undefined) === (statistics === undefined)) return;
  const [given, lacking] = scales === undefined ? ["--statistics", "--smooth or --awq"] : [scales, "--statistics"];
  throw new LowbitError("options/command-line", `${given} needs ${lacking}.`, { option: given });
}

function reader(file: StatisticsFile): StatisticsReader {
  return (name, kinds) => file.layer(name, kinds);
}
