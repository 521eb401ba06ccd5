import { LowbitError } from "@lowbit/core/errors";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { parseStatisticsSchema } from "../../calibration/parse-statistics-schema.js";
import { openStatisticsFile } from "../../calibration/statistics-file.js";
import { GGUF_ARCHITECTURES } from "../../gguf/gguf-architectures.js";
import { ggufName } from "../../gguf/module-names.js";
import type { ImatrixFacts } from "./imatrix-gguf.js";
import type { ImportanceEntry, ImportanceFile } from "./importance.js";

/** Mean squares of the inputs of the layers of a statistics file, under the names of a GGUF file. */
export interface StatisticsMoments {
  readonly file: ImportanceFile;
  readonly tokens: number;
  readonly facts: ImatrixFacts;
}

/**
 * @param checkpoint a file of `lowbit calibrate`; stays open
 * @throws `convert/importance-file` for names of no architecture that GGUF knows, and what `openStatisticsFile` throws
 */
export async function statisticsMoments(checkpoint: Checkpoint): Promise<StatisticsMoments> {
  const [metadata = {}] = [...checkpoint.metadata.values()];
  const schema = parseStatisticsSchema(checkpoint.name, metadata);
  const statistics = await openStatisticsFile(checkpoint, schema.modelFingerprint);
  const names = Object.keys(schema.layers);
  const architecture = GGUF_ARCHITECTURES.find(({ modules }) =>
    names.every((name) => ggufName(modules, name) !== undefined),
  );
  if (architecture === undefined) {
    const problem = `no GGUF architecture has layers like ${names[0]}`;
    throw new LowbitError("convert/importance-file", `${checkpoint.name}: ${problem}.`, {
      file: checkpoint.name,
      problem,
    });
  }
  const entries = new Map<string, ImportanceEntry>();
  for (const name of names) {
    const { values } = await statistics.layer(name, ["mean-square"]);
    entries.set(ggufName(architecture.modules, name)!, {
      values: Float32Array.from(values["mean-square"]!),
      matrices: 1,
    });
  }
  const { samples, length, origin } = schema.calibration;
  return {
    file: { entries, chunks: samples, datasets: [origin] },
    tokens: samples * length,
    facts: { dataset: origin, chunks: samples, chunkSize: length },
  };
}
