import { readFile } from "node:fs/promises";
import { LowbitError } from "@lowbit/core/errors";
import * as v from "valibot";
import { type Setting, settingArguments } from "./setting.js";

const NAME = v.optional(v.pipe(v.string(), v.minLength(1)));
const SETTINGS = v.pipe(
  v.array(
    v.union([
      v.strictObject({
        name: NAME,
        method: v.string(),
        options: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
      }),
      v.strictObject({ name: NAME, targetBitsPerWeight: v.number() }),
    ]),
  ),
  v.minLength(1),
);

/** Rows of the quality table from a JSON list. @throws `options/invalid-recipe` naming the place in the file */
export async function readSettings(path: string): Promise<readonly Setting[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw invalid(path, `cannot be read: ${(cause as Error).message}`, cause);
  }
  const result = v.safeParse(SETTINGS, parsed);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(path, `${v.getDotPath(issue) ?? "the top level"}: ${issue.message}`);
  }
  const settings = result.output.map(named);
  const twice = settings.find(({ name }, index) => settings.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw invalid(path, `two rows are called "${twice.name}"`);
  return settings;
}

function named(setting: v.InferOutput<typeof SETTINGS>[number]): Setting {
  const unnamed = { ...setting, name: setting.name ?? "" } as Setting;
  return { ...unnamed, name: setting.name ?? settingArguments(unnamed).join(" ").replace("--method ", "") };
}

function invalid(path: string, problem: string, cause?: unknown): LowbitError {
  return new LowbitError("options/invalid-recipe", `Settings ${path} ${problem}.`, { path, problem }, { cause });
}
