import { shellWord } from "../shell-word.js";
import type { Comparison } from "./comparison.js";

/**
 * The same from a terminal, the reference first. `lowbit compare` pairs weights by the names that the files have, so a GGUF
 * file that is seen under Hugging Face's names is made a model directory of the same values before.
 */
export function compareCommand(
  left: string,
  right: string,
  { reference, sides }: Pick<Comparison, "reference" | "sides">,
): string {
  const gguf = sides.viewed === "own" ? left : sides.viewed === "other" ? right : undefined;
  const directory = `${gguf
    ?.split(/[\\/]/)
    .findLast((part) => part !== "")
    ?.replace(/\.gguf$/i, "")}-f32`;
  const [one, other] = [left, right].map((path) => shellWord(path === gguf ? directory : path)) as [string, string];
  const compare = reference === "left" ? `lowbit compare ${one} ${other}` : `lowbit compare ${other} ${one}`;
  if (gguf === undefined) return compare;
  return `lowbit convert ${shellWord(gguf)} ${shellWord(directory)} --to safetensors:F32 && ${compare}`;
}
