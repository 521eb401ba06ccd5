import { LowbitError } from "@lowbit/core/errors";
import picomatch from "picomatch";

/** Globs over tensor names: `*` also matches dots and slashes, so "*.down_proj.weight" finds every layer's. */
export function tensorMatcher(glob: string): (tensorName: string) => boolean {
  return picomatch(glob, { bash: true });
}

/**
 * The items that `--tensor` names; all where it is absent.
 * @throws `options/unmatched-glob` when it matches none: an empty answer would look like a good one
 */
export function selectByName<T extends { readonly name: string }>(items: readonly T[], glob: string | undefined): T[] {
  if (glob === undefined) return [...items];
  const matches = tensorMatcher(glob);
  const selected = items.filter(({ name }) => matches(name));
  if (selected.length === 0) throw unmatchedGlob(glob);
  return selected;
}

export function unmatchedGlob(glob: string): LowbitError {
  return new LowbitError("options/unmatched-glob", `--tensor "${glob}" matches no tensor.`, { glob });
}
