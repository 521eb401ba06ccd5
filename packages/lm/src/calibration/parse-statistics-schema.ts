import { showValue } from "@lowbit/core/errors";
import { STATISTIC_KINDS } from "@lowbit/core/quantizers";
import type { StatisticDtype } from "./collectors/collector.js";
import { notStatistics, SchemaFields } from "./schema-fields.js";
import {
  STATISTICS_METADATA_KEY,
  STATISTICS_VERSION,
  type StatisticsLayer,
  type StatisticsSchema,
} from "./statistics-schema.js";
import type { CalibrationProtocol } from "./walk-blocks.js";

const PROTOCOLS: readonly CalibrationProtocol[] = ["original", "quantized", "true-sequential"];
const DTYPES: readonly StatisticDtype[] = ["F32", "F64"];
const ACTIVATION_BITS: readonly number[] = [4, 8, 32];

/**
 * The schema of a statistics file, every field checked.
 * @throws `calibration/not-statistics`
 */
export function parseStatisticsSchema(file: string, metadata: Readonly<Record<string, string>>): StatisticsSchema {
  const text = metadata[STATISTICS_METADATA_KEY];
  if (text === undefined) throw notStatistics(file, `its metadata has no key "${STATISTICS_METADATA_KEY}"`);
  const schema = new SchemaFields(file, parseJson(file, text));
  const version = schema.choice("version", [STATISTICS_VERSION]);
  const calibration = schema.object("calibration");
  return {
    version,
    lowbitVersion: schema.text("lowbitVersion"),
    modelFingerprint: schema.digest("modelFingerprint"),
    calibration: {
      fingerprint: calibration.digest("fingerprint"),
      origin: calibration.text("origin"),
      samples: calibration.count("samples"),
      length: calibration.count("length"),
    },
    protocol: schema.choice("protocol", PROTOCOLS),
    activationBits: schema.choice("activationBits", ACTIVATION_BITS),
    dtype: schema.choice("dtype", DTYPES),
    kinds: schema.choices("kinds", STATISTIC_KINDS),
    layers: parseLayers(file, schema.object("layers")),
  };
}

function parseLayers(file: string, fields: SchemaFields): Readonly<Record<string, StatisticsLayer>> {
  const layers = new Map(
    fields.keys.map((name): [string, StatisticsLayer] => {
      const layer = fields.object(name);
      return [
        name,
        {
          rows: layer.count("rows"),
          columns: layer.count("columns"),
          inFeatures: layer.count("inFeatures"),
          input: layer.text("input"),
        },
      ];
    }),
  );
  for (const [name, { rows, columns, inFeatures, input }] of layers) {
    const owner = layers.get(input);
    if (inFeatures !== rows && inFeatures !== columns) {
      throw notStatistics(
        file,
        `inFeatures of ${showValue(name)} is ${inFeatures}; its weight is [${rows}, ${columns}]`,
      );
    }
    if (owner?.input !== input || owner.inFeatures !== inFeatures) {
      throw notStatistics(
        file,
        `${showValue(name)} shares the input of ${showValue(input)}, which has none of that size`,
      );
    }
  }
  return Object.fromEntries(layers);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notStatistics(file, `its schema is not JSON (${(cause as Error).message})`);
  }
}
