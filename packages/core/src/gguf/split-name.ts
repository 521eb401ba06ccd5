import { LowbitError } from "../errors/index.js";

/** Number, from 1, and count of a name like model-00001-of-00003.gguf; undefined for other names. */
export interface SplitCounter {
  readonly stem: string;
  readonly number: number;
  readonly count: number;
}

/** llama.cpp counts in 16 bits. */
const MAX_SPLITS = 65_535;

export function splitCounter(name: string): SplitCounter | undefined {
  const match = /^(.*)-([0-9]{5})-of-([0-9]{5})\.gguf$/s.exec(name);
  if (match === null) return undefined;
  const [number, count] = [Number(match[2]), Number(match[3])];
  return number >= 1 && number <= count && count <= MAX_SPLITS ? { stem: match[1]!, number, count } : undefined;
}

/** Name of a file of a set, counted from 1, as llama.cpp writes it. */
export function splitName(stem: string, number: number, count: number): string {
  return `${stem}-${String(number).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;
}

/** The names of all files of the set that `name` belongs to. @throws `gguf/split-name` */
export function splitNames(name: string): readonly string[] {
  const counter = splitCounter(name);
  if (counter === undefined) {
    throw new LowbitError(
      "gguf/split-name",
      `${JSON.stringify(name)} is a part of a model, but its name is not like "model-00001-of-00003.gguf".`,
      { name },
    );
  }
  return Array.from({ length: counter.count }, (_, index) => splitName(counter.stem, index + 1, counter.count));
}
