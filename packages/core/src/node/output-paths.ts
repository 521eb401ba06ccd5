import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { LowbitError } from "../errors/index.js";

/** Directory whose files belong to the model, when the input names a whole model: a directory or a shard index. */
export async function modelDirectory(input: string): Promise<string | undefined> {
  if ((await stat(input)).isDirectory()) return input;
  return input.endsWith(".json") ? dirname(input) : undefined;
}

/** Directory in which the files of a checkpoint lie. */
export async function filesDirectory(input: string): Promise<string> {
  return (await modelDirectory(input)) ?? dirname(input);
}

/** @throws `pipeline/output-is-input` when writing `output` would replace the input or put files among its own. */
export async function checkOutputApart(input: string, output: string): Promise<void> {
  const from = await realpath(input);
  const to = await resolvedParent(output);
  if (isInside(from, to) || ((await stat(from)).isDirectory() && isInside(to, from))) {
    throw new LowbitError("pipeline/output-is-input", `The output ${output} overlaps the input ${input}.`, {
      input,
      output,
    });
  }
}

const isInside = (path: string, directory: string): boolean => {
  const way = relative(directory, path);
  return way === "" || (!way.startsWith("..") && resolve(directory, way) === path);
};

async function resolvedParent(path: string): Promise<string> {
  const absolute = resolve(path);
  const parent = await realpath(dirname(absolute)).catch(() => dirname(absolute));
  return join(parent, basename(absolute));
}
