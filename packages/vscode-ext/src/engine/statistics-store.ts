import type { OutlierRule, StatisticsPartial, TensorStatistics } from "@lowbit/core/analysis";
import type { LayerStatistics } from "../protocol/layer-messages.js";

/** Scans that are kept: 512 KiB each. Another rule or another number of bins then reads nothing. */
const KEPT_SCANS = 24;

/** What was measured of a model's own weights. */
export interface StatisticsStore {
  /** Rises with every weight that was measured: lists sorted by figures are old then. */
  readonly revision: number;
  /** Figures by the rule of the table. */
  layer(name: string): LayerStatistics | undefined;
  putLayer(statistics: LayerStatistics): void;
  /** Forgets figures that depend on another rule. */
  useRule(rule: OutlierRule): void;
  scan(key: string): StatisticsPartial | undefined;
  putScan(key: string, scan: StatisticsPartial): void;
}

export function createStatisticsStore(): StatisticsStore {
  const layers = new Map<string, LayerStatistics>();
  const scans = new Map<string, StatisticsPartial>();
  let rule = "";
  let revision = 0;
  return {
    get revision() {
      return revision;
    },
    layer: (name) => layers.get(name),
    putLayer(statistics) {
      layers.set(statistics.name, statistics);
      revision += 1;
    },
    useRule(next) {
      const text = JSON.stringify(next);
      if (text === rule) return;
      rule = text;
      layers.clear();
      revision += 1;
    },
    scan(key) {
      const scan = scans.get(key);
      if (scan === undefined) return undefined;
      scans.delete(key);
      scans.set(key, scan);
      return scan;
    },
    putScan(key, scan) {
      scans.set(key, scan);
      if (scans.size > KEPT_SCANS) scans.delete(scans.keys().next().value!);
    },
  };
}

export function layerStatistics(statistics: TensorStatistics): LayerStatistics {
  const { name, absMaximum, rms, std, kurtosis, nanCount, infiniteCount, zeroCount, outliers } = statistics;
  return { name, absMaximum, rms, std, kurtosis, outlierShare: outliers.share, nanCount, infiniteCount, zeroCount };
}
