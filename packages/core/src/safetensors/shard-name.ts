import { LowbitError } from "../errors/index.js";
import { quoteName } from "./header-problem.js";

const COUNTER = /-([0-9]+)-of-([0-9]+)\.safetensors$/;

/** Characters that could make a file name mean another place: separators, drive or stream colon, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE_CHARACTERS = /[/\\:\u0000-\u001f\u007f]/;

/** Number and count of a name like model-00001-of-00003.safetensors, or undefined. */
function shardCounter(name: string): { readonly number: number; readonly count: number } | undefined {
  const match = COUNTER.exec(name);
  return match === null ? undefined : { number: Number(match[1]), count: Number(match[2]) };
}

/**
 * Accepts a plain file name with the ending of a shard. A counter is optional, since some indexes name a single
 * "model.safetensors"; where there is one, it must count from 1.
 * @throws `safetensors/index-path-escape`, `safetensors/index-shard-name`
 */
export function checkShardName(name: string): void {
  if (UNSAFE_CHARACTERS.test(name) || name === "." || name === ".." || name === "") {
    throw new LowbitError(
      "safetensors/index-path-escape",
      `The shard name ${quoteName(name)} is not a plain file name in the directory of the index.`,
      { shard: name },
    );
  }
  const counter = shardCounter(name);
  const counts = counter === undefined || (counter.number >= 1 && counter.number <= counter.count);
  if (name.endsWith(".safetensors") && counts) return;
  throw new LowbitError(
    "safetensors/index-shard-name",
    `The shard name ${quoteName(name)} is not like "model-00001-of-00003.safetensors".`,
    { shard: name },
  );
}

/**
 * Checks that counted names belong to one set and that the set is complete.
 * @throws `safetensors/index-shard-name` when two counts differ, `safetensors/index-missing-shard` when one is absent
 */
export function checkShardSet(names: readonly string[]): void {
  const numbers = new Set<number>();
  let count: number | undefined;
  for (const name of names) {
    const counter = shardCounter(name);
    if (counter === undefined) continue;
    count ??= counter.count;
    if (counter.count !== count) {
      throw new LowbitError(
        "safetensors/index-shard-name",
        `The shard name ${quoteName(name)} counts ${counter.count} shards, another name counts ${count}.`,
        { shard: name, found: counter.count, expected: count },
      );
    }
    numbers.add(counter.number);
  }
  if (count === undefined || numbers.size === count) return;
  let missing = 1;
  while (numbers.has(missing)) missing++;
  throw new LowbitError(
    "safetensors/index-missing-shard",
    `Shard ${missing} of ${count} is missing; ${numbers.size} of ${count} are there.`,
    { missing, expected: count, found: numbers.size },
  );
}
