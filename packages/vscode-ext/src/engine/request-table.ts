import type { HandlerTable } from "./handler.js";
import { compareClose, compareExport, compareOpen, compareRun, compareWeights } from "./requests/compare.js";
import { layersExport, layersLocate, layersStatistics, layersWindow } from "./requests/layers.js";
import { modelOverview } from "./requests/model-overview.js";
import { quantizeForecast, quantizeRun } from "./requests/quantize.js";
import { tensorDistribution } from "./requests/tensor-distribution.js";
import { tensorFacts } from "./requests/tensor-facts.js";
import { tensorGroups } from "./requests/tensor-groups.js";
import { tensorMap } from "./requests/tensor-map.js";
import { tensorProfiles } from "./requests/tensor-profiles.js";
import { tensorValues } from "./requests/tensor-values.js";
import { trialList, trialMethods, trialRemove, trialRun } from "./requests/trials.js";

/** Who answers what. */
export const REQUEST_TABLE: HandlerTable = {
  "model/overview": modelOverview,
  "layers/window": layersWindow,
  "layers/locate": layersLocate,
  "layers/statistics": layersStatistics,
  "layers/export": layersExport,
  "tensor/facts": tensorFacts,
  "tensor/distribution": tensorDistribution,
  "tensor/profiles": tensorProfiles,
  "tensor/map": tensorMap,
  "tensor/values": tensorValues,
  "tensor/groups": tensorGroups,
  "compare/open": compareOpen,
  "compare/run": compareRun,
  "compare/weights": compareWeights,
  "compare/export": compareExport,
  "compare/close": compareClose,
  "trial/methods": trialMethods,
  "trial/run": trialRun,
  "trial/list": trialList,
  "trial/remove": trialRemove,
  "quantize/forecast": quantizeForecast,
  "quantize/run": quantizeRun,
};
