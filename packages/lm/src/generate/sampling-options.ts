import { LowbitError } from "@lowbit/core/errors";

/** How the next token is chosen from the logits. */
export interface SamplingOptions {
  /** Logits are divided by it; 0 (the default) takes the most likely token. */
  readonly temperature?: number;
  /** Only so many of the most likely tokens; absent: all. */
  readonly topK?: number;
  /** Only the fewest most likely tokens whose probabilities reach this sum, above 0 up to 1; absent: all. */
  readonly topP?: number;
  /** Seed of the random numbers, 0 when absent. */
  readonly seed?: number;
}

/** @throws `generate/invalid-option` */
export function checkSampling({ temperature = 0, topK = 1, topP = 1, seed = 0 }: SamplingOptions): void {
  check("temperature", temperature, temperature >= 0 && Number.isFinite(temperature), "finite numbers from 0");
  check("topK", topK, Number.isSafeInteger(topK) && topK >= 1, "whole numbers from 1");
  check("topP", topP, topP > 0 && topP <= 1, "numbers above 0 up to 1");
  check("seed", seed, Number.isSafeInteger(seed) && seed >= 0, `whole numbers from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

function check(option: string, found: number, isAllowed: boolean, allowed: string): void {
  if (isAllowed) return;
  throw new LowbitError("generate/invalid-option", `The option ${option} is ${found}; ${allowed} are possible.`, {
    option,
    found,
    allowed,
  });
}
