import type { ScanContext } from "@lowbit/core/analysis";
import { finishStatistics, scanTensor } from "@lowbit/core/analysis";
import { type TrialQuantization, trialQuantization } from "@lowbit/core/pipeline";
import { type OptionSpec, QUANTIZERS } from "@lowbit/core/quantizers";
import type { MethodForm, OptionField, OptionValues, TrialResult } from "../../protocol/trial-messages.js";
import type { Handler } from "../handler.js";
import type { Model } from "../model/model.js";
import { throttled } from "../scan-progress.js";
import { type StoredWeight, storedWeight, weightView } from "../weight-view.js";
import { keptScan, levelsOf, valueHistogram } from "./tensor-distribution.js";

const HISTOGRAM_BINS = 128;

export const trialMethods: Handler<"trial/methods"> = () => ({
  methods: Object.values(QUANTIZERS).map(
    ({ name, summary, source, options }): MethodForm => ({
      name,
      summary,
      source,
      options: Object.entries(options as Readonly<Record<string, OptionSpec>>).map(
        ([option, spec]): OptionField => ({ name: option, ...spec }),
      ),
    }),
  ),
});

export const trialRun: Handler<"trial/run"> = async (request) => {
  const { params, model: slot, services, signal } = request;
  const model = await slot.open();
  const { weight: name, method, options } = params;
  const original = storedWeight(model, name, { kind: "own" });
  const lane = services.lanes.trials;
  const progress = throttled(request.progress);
  const maxBytes = services.settings().memoryLimitBytes;
  return lane.run(signal, async (backend) => {
    const known = model.trials.find(name, method, options);
    if (known !== undefined) return known;
    const context: ScanContext = { backend, signal };
    const view = weightView(original, lane, backend);
    const trial = await trialQuantization(
      view.checkpoint,
      view.tensor,
      { method, options },
      {
        backend,
        quantizers: QUANTIZERS,
        maxBytes,
        signal,
        onProgress: ({ tensor, doneBytes, totalBytes, etaSeconds }) =>
          progress({
            label: tensor,
            done: doneBytes,
            total: totalBytes,
            ...(etaSeconds !== undefined && { etaSeconds }),
          }),
      },
    );
    const scan = await keptScan(model, original, view, context);
    const range = finishStatistics(view.tensor, scan, backend);
    // Kept when everything about it is known, so that a cancelled trial leaves nothing.
    const stored: StoredWeight = { key: "", checkpoint: trial.checkpoint, weight: trial.weight };
    const own = weightView(stored, lane, backend);

    const ownScan = await scanTensor(own.checkpoint, own.tensor, context);
    const histogram = valueHistogram(range, own, ownScan, backend, HISTOGRAM_BINS);
    const { levels } = await levelsOf(stored, own, undefined, context);
    return keep(model, trial, params.options, { histogram, levels }, maxBytes);
  });
};

export const trialList: Handler<"trial/list"> = async ({ params, model: slot }) => ({
  trials: (await slot.open()).trials.list(params.weight),
});

export const trialRemove: Handler<"trial/remove"> = async ({ params, model: slot }) => {
  (await slot.open()).trials.remove(params.trial);
  return {};
};

function keep(
  model: Model,
  trial: TrialQuantization,
  given: OptionValues,
  values: Pick<TrialResult, "histogram" | "levels">,
  maxBytes: number,
): TrialResult {
  const { weight, method, options, error, storedBitsPerWeight, claimedBitsPerWeight, storedBytes, seconds } = trial;
  return model.trials.add(trial, given, maxBytes, (id) => ({
    trial: id,
    weight: weight.name,
    method,
    options: options as OptionValues,
    ...{ storedBitsPerWeight, claimedBitsPerWeight, storedBytes, seconds },
    sqnrDb: error.sqnrDb,
    relativeError: error.relativeError,
    cosineSimilarity: error.cosine,
    maximumError: error.maxError,
    ...values,
  }));
}
