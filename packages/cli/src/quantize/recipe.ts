import { readFile } from "node:fs/promises";
import { LowbitError } from "@lowbit/core/errors";
import * as v from "valibot";
import type { RuleText } from "./rule-text.js";

const OPTION_VALUE = v.union([v.string(), v.number(), v.boolean()]);

/** A recipe: a JSON list; the last entry that matches a tensor wins. */
const RECIPE = v.array(
  v.strictObject({
    /** Glob over tensor names. */
    match: v.pipe(v.string(), v.minLength(1)),
    /** Name of a method, or "keep". */
    method: v.string(),
    options: v.optional(v.record(v.string(), OPTION_VALUE)),
  }),
);

/** Reads the rules of a recipe file. @throws `options/invalid-recipe` naming the place in the file */
export async function readRecipe(path: string): Promise<RuleText[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw invalidRecipe(path, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalidRecipe(path, `is not JSON: ${(cause as Error).message}`, cause);
  }
  const result = v.safeParse(RECIPE, parsed);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalidRecipe(path, `${v.getDotPath(issue) ?? "the top level"}: ${issue.message}`);
  }
  return result.output.map(({ match, method, options = {} }, index) => ({
    origin: `recipe rule ${index + 1} ("${match}")`,
    glob: match,
    method,
    options,
  }));
}

function invalidRecipe(path: string, problem: string, cause?: unknown): LowbitError {
  return new LowbitError("options/invalid-recipe", `Recipe ${path} ${problem}.`, { path, problem }, { cause });
}
