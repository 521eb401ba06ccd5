import { mkdir, readdir, readFile, rename, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { writeFileAtomic } from "../atomic-write.js";
import { writeFailed } from "../file-writer.js";
import type { HubReference } from "./hub-reference.js";

/**
 * The cache of huggingface_hub, so that no model is kept twice: `blobs` named by their hash, and for every commit a
 * `snapshots` folder of links to them under the names of the repository; `refs` says which commit a branch was at.
 */
export interface HubCache {
  /** Folder of the files of a commit. */
  snapshot(commit: string): string;
  blob(etag: string): string;
  /** Size of the file at `path`; undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /** Makes a finished blob appear under its name in the snapshot. */
  link(commit: string, file: string, etag: string): Promise<string>;
  /** The commit that the revision was at when it was last asked for. */
  knownCommit(revision: string): Promise<string | undefined>;
  remember(revision: string, commit: string): Promise<void>;
  /** Names of all files of a snapshot, undefined when it is not there. */
  list(commit: string): Promise<readonly string[] | undefined>;
}

const COMMIT = /^[0-9a-f]{40}$/;

export function hubCache(cacheDirectory: string, { owner, name }: HubReference): HubCache {
  const root = join(cacheDirectory, `models--${owner}--${name}`);
  const snapshot = (commit: string): string => join(root, "snapshots", commit);
  const blob = (etag: string): string => join(root, "blobs", etag);
  return {
    snapshot,
    blob,
    size: fileSize,
    async link(commit, file, etag) {
      const path = join(snapshot(commit), ...file.split("/"));
      try {
        await mkdir(dirname(path), { recursive: true });
        await symlink(relative(dirname(path), blob(etag)), path).catch(async (error: NodeJS.ErrnoException) => {
          // There already; or a system without links, where the file itself moves, as huggingface_hub does it.
          if (error.code !== "EEXIST") await rename(blob(etag), path);
        });
      } catch (cause) {
        throw writeFailed(path, cause);
      }
      return path;
    },
    async knownCommit(revision) {
      if (COMMIT.test(revision)) return revision;
      const text = await readFile(join(root, "refs", ...revision.split("/")), "utf8").catch(() => "");
      return COMMIT.test(text.trim()) ? text.trim() : undefined;
    },
    async remember(revision, commit) {
      if (COMMIT.test(revision)) return;
      const path = join(root, "refs", ...revision.split("/"));
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomic(path, new TextEncoder().encode(commit));
    },
    async list(commit) {
      const folder = snapshot(commit);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
      return entries
        ?.filter((entry) => !entry.isDirectory())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
    },
  };
}

async function fileSize(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
}
