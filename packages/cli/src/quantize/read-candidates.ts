import { readFile } from "node:fs/promises";
import { LowbitError } from "@lowbit/core/errors";
import type { Candidate } from "@lowbit/lm";
import * as v from "valibot";

/** A recipe without `match`: what mixed precision may choose from. */
const CANDIDATES = v.array(
  v.strictObject({
    method: v.string(),
    options: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  }),
);

/** Reads the file of `--candidates`. @throws `options/invalid-recipe` naming the place in the file */
export async function readCandidates(path: string): Promise<readonly Candidate[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw invalid(path, `cannot be read: ${(cause as Error).message}`, cause);
  }
  const result = v.safeParse(CANDIDATES, parsed);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(path, `${v.getDotPath(issue) ?? "the top level"}: ${issue.message}`);
}

function invalid(path: string, problem: string, cause?: unknown): LowbitError {
  return new LowbitError(
    "options/invalid-recipe",
    `Candidates ${path} ${problem}. Candidates look like [{ "method": "gptq", "options": { "bits": 3 } }].`,
    { path, problem },
    { cause },
  );
}
