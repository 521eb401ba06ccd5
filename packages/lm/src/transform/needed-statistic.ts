import { LowbitError } from "@lowbit/core/errors";
import type { LayerStatistics, StatisticKind, StatisticValues } from "@lowbit/core/quantizers";

/**
 * A statistic that a transform reads.
 * @param reader who reads it, in the message
 * @throws `quantize/missing-statistic`
 */
export function neededStatistic(
  layer: string,
  statistics: LayerStatistics | undefined,
  kind: StatisticKind,
  reader: string,
): StatisticValues {
  const values = statistics?.values[kind];
  if (values !== undefined) return values;
  throw new LowbitError(
    "quantize/missing-statistic",
    `${layer}: ${reader} reads the statistic "${kind}", which was not collected.`,
    { layer, statistic: kind },
  );
}
