/** A model of the workspace: what opens it, and the files that it consists of. */
export interface WorkspaceModel {
  /** "Llama-2-7b", where a directory holds one model; else the file's name. */
  readonly label: string;
  /** Directory, "/"-separated, relative to the workspace; empty for its root. */
  readonly directory: string;
  /** File that is opened; absent for shards without an index: then the directory is. */
  readonly file?: string;
  /** Names of every file in the directory that belongs to it. */
  readonly files: readonly string[];
}

const INDEX = /\.safetensors\.index\.json$/i;
const SHARD = /^(.*)-\d{5}-of-(\d{5})\.(safetensors|gguf)$/i;

/**
 * Sorts files into models: an index with its shards is one, so are numbered shards without an index, and the splits of a
 * GGUF file. Order: by directory, then by name, numbers by value.
 */
export function groupModels(paths: readonly string[], rootName: string): WorkspaceModel[] {
  const byDirectory = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.lastIndexOf("/");
    const directory = slash < 0 ? "" : path.slice(0, slash);
    const names = byDirectory.get(directory) ?? [];
    names.push(path.slice(slash + 1));
    byDirectory.set(directory, names);
  }
  return [...byDirectory]
    .sort(([a], [b]) => byNumberedName(a, b))
    .flatMap(([directory, names]) => modelsOfDirectory(directory, names.sort(byNumberedName), rootName));
}

function modelsOfDirectory(directory: string, names: readonly string[], rootName: string): WorkspaceModel[] {
  const found: { file?: string; files: string[] }[] = [];
  const taken = new Set<string>();
  for (const index of names.filter((name) => INDEX.test(name))) {
    const stem = index.replace(INDEX, "");
    const shards = names.filter((name) => /\.safetensors$/i.test(name) && SHARD.exec(name)?.[1] === stem);
    for (const name of [index, ...shards]) taken.add(name);
    found.push({ file: index, files: [index, ...shards] });
  }
  const splits = new Map<string, { file?: string; files: string[] }>();
  for (const name of names) {
    if (taken.has(name)) continue;
    const shard = SHARD.exec(name);
    if (shard === null) {
      found.push({ file: name, files: [name] });
      continue;
    }
    const isGguf = shard[3]?.toLowerCase() === "gguf";
    const key = `${shard[1]} ${shard[2]} ${shard[3]}`;
    const split = splits.get(key) ?? { ...(isGguf ? { file: name } : {}), files: [] };
    split.files.push(name);
    if (!splits.has(key)) found.push(split);
    splits.set(key, split);
  }
  const directoryName = directory.split("/").at(-1) || rootName;
  return found.map(({ file, files }) => ({
    label: file === undefined || (found.length === 1 && /^model\./i.test(file)) ? directoryName : file,
    directory,
    ...(file === undefined ? {} : { file }),
    files,
  }));
}

function byNumberedName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
