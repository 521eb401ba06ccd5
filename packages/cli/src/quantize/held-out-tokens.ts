import { checkTokenizer, type ModelSource, randomWindows } from "@lowbit/lm";
import { modelDirectory, openTokenizer, type StatisticsOrigin } from "@lowbit/lm/node";
import { DEFAULT_SAMPLE_LENGTH } from "../calibrate/calibration-samples.js";
import { readText } from "../evaluate/read-tokens.js";
import { statisticsOrigin } from "./run-model-quantize.js";
import type { StatisticsRequest } from "./run-quantize.js";

/** Share of a calibration text that no sample is taken from where nothing else is there to evaluate on. */
const HELD_OUT_SHARE = 0.1;

export interface HeldOutTokens {
  readonly ids: Uint32Array;
  readonly beginToken?: number;
  /** Where they come from, for people. */
  readonly origin: string;
}

export interface TargetData {
  readonly statistics: Exclude<StatisticsOrigin, { readonly kind: "none" }>;
  /** Absent with saved statistics and no text. */
  readonly heldOut?: HeldOutTokens;
}

/**
 * Statistics, and tokens to measure the loss on that no statistic has seen: of a text of their own, or the end of the text
 * to calibrate on.
 */
export async function targetData(
  request: StatisticsRequest,
  heldOutText: string | undefined,
  source: ModelSource,
): Promise<TargetData> {
  if (heldOutText !== undefined) {
    const statistics = (await statisticsOrigin(request, source)) as TargetData["statistics"];
    const { encode, begin } = await textTokens(source);
    return { statistics, heldOut: { ids: encode(await readText(heldOutText)), ...begin, origin: heldOutText } };
  }
  if (request.kind === "file" || request.origin.kind === "tokens") {
    return { statistics: (await statisticsOrigin(request, source)) as TargetData["statistics"] };
  }
  const { origin, samples, seed, protocol } = request;
  const length = request.sampleLength ?? Math.min(DEFAULT_SAMPLE_LENGTH, source.config.contextLength);
  const { encode, begin } = await textTokens(source);
  const ids = encode(await readText(origin.path));
  const cut = Math.floor(ids.length * (1 - HELD_OUT_SHARE));
  const { vocabularySize } = source.config;
  const set = await randomWindows(ids.subarray(0, cut), { samples, length, seed, vocabularySize, ...begin });
  return {
    statistics: { kind: "calibration", set, protocol },
    heldOut: { ids: ids.subarray(cut), ...begin, origin: `the last ${HELD_OUT_SHARE * 100} % of ${origin.path}` },
  };
}

async function textTokens(source: ModelSource) {
  const tokenizer = await openTokenizer(modelDirectory(source.name));
  checkTokenizer(tokenizer, source.config, source.name);
  const { addsBeginToken, beginToken } = tokenizer;
  const begin = addsBeginToken && beginToken !== undefined ? { beginToken } : {};
  return { encode: (text: string): Uint32Array => tokenizer.encode(text), begin };
}
