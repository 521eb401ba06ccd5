import { isObject, type JsonObject } from "../../tokenizer/tokenizer-files.js";

/**
 * How a byte-level tokenizer cuts text into words before it merges: regular expressions one after the other, each cutting
 * the pieces of those before into what it matches and what lies between.
 */
export type SplittingSteps = readonly string[];

/** Cuts as GPT-2 does; "use_regex" of tokenizer.json's ByteLevel. */
export const GPT2_PATTERN: string =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
export const SINGLE_DIGITS = "\\p{N}";

/** The steps of a pre-tokenizer of tokenizer.json; undefined where a part cannot be said by regular expressions. */
export function splittingSteps(preTokenizer: unknown): SplittingSteps | undefined {
  if (preTokenizer === null) return [];
  if (!isObject(preTokenizer)) return undefined;
  switch (preTokenizer["type"]) {
    case "Sequence":
      return sequence(preTokenizer["pretokenizers"]);
    case "ByteLevel":
      return preTokenizer["use_regex"] === false ? [] : [GPT2_PATTERN];
    case "Digits":
      return [preTokenizer["individual_digits"] === true ? SINGLE_DIGITS : `${SINGLE_DIGITS}+`];
    case "Split":
      return split(preTokenizer);
    default:
      return undefined;
  }
}

function sequence(parts: unknown): SplittingSteps | undefined {
  if (!Array.isArray(parts)) return undefined;
  const steps: string[] = [];
  for (const part of parts as unknown[]) {
    const found = splittingSteps(part);
    if (found === undefined) return undefined;
    steps.push(...found);
  }
  return steps;
}

function split({ pattern, behavior, invert }: JsonObject): SplittingSteps | undefined {
  const regex = isObject(pattern) ? pattern["Regex"] : undefined;
  if (typeof regex !== "string") return undefined;
  const isolated = behavior === "Isolated" && invert !== true;
  // Keeps the matches alone; the same for the patterns in question, which match every text without gaps.
  const matched = behavior === "Removed" && invert === true;
  return isolated || matched ? [canonicalPattern(regex)] : undefined;
}

/** One spelling for patterns that mean the same: line ends as escapes, contractions by the flag for letter case. */
function canonicalPattern(regex: string): string {
  return regex
    .replaceAll("\r", "\\r")
    .replaceAll("\n", "\\n")
    .replaceAll("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", "(?i:'s|'t|'re|'ve|'m|'ll|'d)");
}
