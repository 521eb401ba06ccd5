import { LowbitError } from "../errors/index.js";
import { quoteName } from "../safetensors/header-problem.js";
import type { GgufHeader } from "./gguf-header.js";
import type { GgufMetadata, GgufValue } from "./gguf-value.js";
import { type SplitCounter, splitCounter } from "./split-name.js";

export const SPLIT_NUMBER_KEY = "split.no";
export const SPLIT_COUNT_KEY = "split.count";
export const SPLIT_TENSORS_KEY = "split.tensors.count";

/** Whether a file is one of several of a model. */
export function isSplit(metadata: GgufMetadata): boolean {
  const count = metadata.get(SPLIT_COUNT_KEY);
  return count !== undefined && (count.type === "array" || count.value !== 1) && !isZero(count);
}

/** Some writers state a count of 0 in files that are no part. */
function isZero(value: GgufValue): boolean {
  return value.type !== "array" && value.value === 0;
}

interface SplitFile {
  readonly name: string;
  readonly header: Pick<GgufHeader, "metadata" | "tensors">;
}

/**
 * Checks that files are the parts of one model, in order: numbers from 0, the same count as in the names, and as many
 * tensors as every part states.
 * @throws `gguf/split-mismatch`
 */
export function checkSplitSet(files: readonly SplitFile[]): void {
  const tensors = files.reduce((sum, { header }) => sum + header.tensors.length, 0);
  for (const [index, { name, header }] of files.entries()) {
    const counter: SplitCounter = splitCounter(name)!;
    expect(name, header.metadata, SPLIT_COUNT_KEY, counter.count);
    expect(name, header.metadata, SPLIT_NUMBER_KEY, index);
    expect(name, header.metadata, SPLIT_TENSORS_KEY, tensors);
  }
}

function expect(file: string, metadata: GgufMetadata, key: string, expected: number): void {
  const value = metadata.get(key);
  const found = value === undefined ? "missing" : value.type === "array" ? "an array" : value.value;
  if (found === expected) return;
  throw new LowbitError("gguf/split-mismatch", `${quoteName(file)}: ${key} is ${found}; ${expected} fits the set.`, {
    file,
    key,
    found: String(found),
    expected,
  });
}
