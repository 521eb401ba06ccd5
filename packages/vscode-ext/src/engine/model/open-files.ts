import type { ByteSource } from "@lowbit/core/bytes";
import {
  type CheckedFile,
  checkpointProblems,
  type FileProblems,
  openCheckpointDirectory,
  openCheckpointFile,
} from "@lowbit/core/checkpoint";
import { LowbitError } from "@lowbit/core/errors";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { ModelFiles } from "./model-files.js";

/** Opens the checkpoint that the files are. @throws as `openCheckpointFile` and `openCheckpointDirectory` */
export async function openFiles(files: ModelFiles, signal?: AbortSignal): Promise<Checkpoint> {
  const options = signal === undefined ? {} : { signal };
  const open = (file: string): Promise<ByteSource | undefined> => files.open(file);
  if (files.main === undefined) {
    return openCheckpointDirectory({ name: files.name, files: await files.list(), open }, options);
  }
  return openCheckpointFile(await openMain(files, files.main), { ...options, file: files.main, openBeside: open });
}

/** Every problem of the files, the headers' first. Files whose headers are sound are left out. */
export async function findProblems(files: ModelFiles): Promise<readonly FileProblems[]> {
  const names = files.main === undefined ? await files.list() : [files.main];
  const safetensors = names.filter((name) => name.endsWith(".safetensors"));
  const weights = safetensors.length > 0 ? safetensors : names.filter((name) => name.endsWith(".gguf"));
  const checked = weights.map((file): CheckedFile => ({ file, open: () => openMain(files, file) }));
  const found = await checkpointProblems(files.main ?? files.name, checked, () => openFiles(files));
  return found.filter(({ problems }) => problems.length > 0);
}

async function openMain(files: ModelFiles, file: string): Promise<ByteSource> {
  const source = await files.open(file);
  if (source !== undefined) return source;
  throw new LowbitError("bytes/cannot-open", `${files.name}: cannot be opened (ENOENT).`, {
    path: files.name,
    reason: "ENOENT",
  });
}
