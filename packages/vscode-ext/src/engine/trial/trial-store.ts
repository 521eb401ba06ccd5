import type { TrialQuantization } from "@lowbit/core/pipeline";
import type { OptionValues, TrialResult } from "../../protocol/trial-messages.js";
import { refusal } from "../failure.js";

/** Results that are kept; the oldest goes first. */
const KEPT_TRIALS = 4;

interface KeptTrial {
  readonly trial: TrialQuantization;
  readonly asked: string;
  readonly result: TrialResult;
}

/** Weights quantized on trial, in memory. */
export interface TrialStore {
  /** @throws `engine/unknown-trial` */
  get(id: string): TrialQuantization;
  /** The result of the same trial, if it is kept. */
  find(weight: string, method: string, options: OptionValues): TrialResult | undefined;
  /** Keeps a trial under a new id; the oldest ones go so that there are at most four within `maxBytes`. */
  add(
    trial: TrialQuantization,
    given: OptionValues,
    maxBytes: number,
    describe: (id: string) => TrialResult,
  ): TrialResult;
  /** Of one weight, oldest first. */
  list(weight: string): readonly TrialResult[];
  remove(id: string): void;
}

export function createTrialStore(): TrialStore {
  const trials = new Map<string, KeptTrial>();
  let last = 0;
  const byteLength = (): number => [...trials.values()].reduce((sum, { trial }) => sum + trial.storedBytes, 0);
  return {
    get(id) {
      const kept = trials.get(id);
      if (kept !== undefined) return kept.trial;
      const ids = [...trials.keys()].join(", ");
      throw refusal(
        "engine/unknown-trial",
        `There is no trial "${id.slice(0, 40)}"; kept: ${ids === "" ? "none" : ids}.`,
        "Run the trial again: at most four are kept, and none over a change of the file.",
      );
    },
    find(weight, method, options) {
      const asked = askedFor(weight, method, options);
      return [...trials.values()].find((kept) => kept.asked === asked)?.result;
    },
    add(trial, given, maxBytes, describe) {
      last += 1;
      const id = `trial ${last}`;
      const result = describe(id);
      trials.set(id, { trial, asked: askedFor(trial.weight.name, trial.method, given), result });
      for (const oldest of [...trials.keys()]) {
        if (trials.size <= KEPT_TRIALS && byteLength() <= maxBytes) break;
        if (oldest !== id) trials.delete(oldest);
      }
      return result;
    },
    list: (weight) => [...trials.values()].flatMap(({ result }) => (result.weight === weight ? [result] : [])),
    remove(id) {
      trials.delete(id);
    },
  };
}

function askedFor(weight: string, method: string, options: OptionValues): string {
  return JSON.stringify([weight, method, Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
