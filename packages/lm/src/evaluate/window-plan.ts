import { LowbitError } from "@lowbit/core/errors";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { WindowOptions } from "./evaluation-options.js";

const DEFAULT_CONTEXT = 2048;

/** One run of the model over a piece of the text. */
export interface TextWindow {
  readonly index: number;
  /** What the model reads. */
  readonly inputs: Uint32Array;
  /** The id that should follow each input. */
  readonly targets: Uint32Array;
  /** Inputs from here on are scored; the ones before were scored by the window before. */
  readonly firstScored: number;
  /** Where the scored ids stand in the text. */
  readonly begin: number;
}

/** The exact protocol of an evaluation; with the text and the tokenizer it fixes every number. */
export interface Protocol {
  readonly context: number;
  /** Ids of the text in a window. */
  readonly windowIds: number;
  readonly stride: number;
  readonly beginRule: "each-window" | "none";
  readonly beginToken?: number;
  /** Ids of the text, or as many as `maxTokens` leaves. */
  readonly textTokens: number;
  readonly windows: number;
  readonly scoredTokens: number;
}

export interface WindowPlan {
  readonly protocol: Protocol;
  /** Inputs of every window. */
  readonly length: number;
  window(index: number): TextWindow;
}

/**
 * Cuts a text into whole windows; ids behind the last whole one are not used.
 *
 * A window is `context` tokens: `context` ids of the text, or the begin token and `context − 1` ids. All but its first token
 * are scored, each with the ones before it in the window. The default stride is all ids of a window; so without begin token
 * the first id of each window is never scored (the protocol of GPTQ and its successors). Where windows overlap, all but the
 * first score only the ids that no window before has scored.
 * @throws `evaluate/empty-text`, `evaluate/text-too-short`, `evaluate/context-too-long`, `evaluate/invalid-option`,
 *   `evaluate/token-out-of-range`
 */
export function planWindows(
  tokens: Uint32Array,
  config: Pick<DecoderConfig, "contextLength" | "vocabularySize">,
  options: WindowOptions = {},
): WindowPlan {
  const { beginToken, maxTokens, maxWindows } = options;
  const context = options.context ?? Math.min(config.contextLength, DEFAULT_CONTEXT);
  checkCount("context", context, 2);
  if (context > config.contextLength) throw contextTooLong(context, config.contextLength);
  if (maxTokens !== undefined) checkCount("maxTokens", maxTokens, 1);
  if (maxWindows !== undefined) checkCount("maxWindows", maxWindows, 1);
  const windowIds = beginToken === undefined ? context : context - 1;
  const stride = options.stride ?? windowIds;
  checkCount("stride", stride, 1, windowIds);
  const text = tokens.subarray(0, maxTokens);
  checkTokens(text, config.vocabularySize);
  if (beginToken !== undefined) checkTokens(Uint32Array.of(beginToken), config.vocabularySize);
  if (text.length < windowIds) throw textTooShort(tokens.length, text.length, windowIds, context);
  const fitting = 1 + Math.floor((text.length - windowIds) / stride);
  const windows = Math.min(fitting, maxWindows ?? fitting);
  const length = context - 1;
  const scored = Math.min(stride, length);
  return {
    protocol: {
      context,
      windowIds,
      stride,
      beginRule: beginToken === undefined ? "none" : "each-window",
      ...(beginToken !== undefined && { beginToken }),
      textTokens: text.length,
      windows,
      scoredTokens: length + (windows - 1) * scored,
    },
    length,
    window(index) {
      const begin = index * stride;
      const end = begin + windowIds;
      const targets = text.subarray(end - length, end);
      const inputs = new Uint32Array(length);
      if (beginToken === undefined) inputs.set(text.subarray(begin, end - 1));
      else {
        inputs[0] = beginToken;
        inputs.set(text.subarray(begin, end - 1), 1);
      }
      const firstScored = index === 0 ? 0 : length - scored;
      return { index, inputs, targets, firstScored, begin: end - length + firstScored };
    },
  };
}

function checkCount(option: string, found: number, minimum: number, maximum?: number): void {
  if (Number.isInteger(found) && found >= minimum && found <= (maximum ?? found)) return;
  const range = maximum === undefined ? `from ${minimum}` : `from ${minimum} to ${maximum} (the ids of a window)`;
  throw new LowbitError(
    "evaluate/invalid-option",
    `The option ${option} is ${found}; whole numbers ${range} are possible.`,
    {
      option,
      found,
      minimum,
      ...(maximum !== undefined && { maximum }),
    },
  );
}

function checkTokens(tokens: Uint32Array, vocabularySize: number): void {
  if (tokens.length === 0) throw new LowbitError("evaluate/empty-text", "The text has no tokens.");
  const place = tokens.findIndex((token) => token >= vocabularySize);
  if (place < 0) return;
  throw new LowbitError(
    "evaluate/token-out-of-range",
    `Token ${place} of the text is ${tokens[place]}; the model has ids from 0 to ${vocabularySize - 1}.`,
    { place, found: tokens[place]!, vocabularySize },
  );
}

function textTooShort(all: number, found: number, needed: number, context: number): LowbitError {
  const used = found < all ? `, of which the first ${found} were to be used` : "";
  return new LowbitError(
    "evaluate/text-too-short",
    `The text has ${all} tokens${used}; one window of a context of ${context} needs ${needed}.`,
    { found, needed, context },
  );
}

function contextTooLong(found: number, maximum: number): LowbitError {
  return new LowbitError(
    "evaluate/context-too-long",
    `A context of ${found} tokens was asked for; the model was made for at most ${maximum}.`,
    { found, maximum },
  );
}
