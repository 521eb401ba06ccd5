import { join } from "node:path";
import { mapBounded } from "../../bytes/bounded-reads.js";
import { isLowbitError, LowbitError } from "../../errors/index.js";
import { readShardIndex } from "../../safetensors/shard-index.js";
import { openFileSource } from "../file-source.js";
import { type DownloadOptions, downloadFile, type KnownFile } from "./download-file.js";
import { type HubCache, hubCache } from "./hub-cache.js";
import { type HubListing, listHubFiles } from "./hub-listing.js";
import { type HubReference, parseHubReference } from "./hub-reference.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import { knownFile } from "./known-file.js";
import { type ModelFiles, neededFiles } from "./needed-files.js";

/** How far a download is. */
export interface HubProgress {
  readonly file: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface FetchHubModelOptions extends Omit<DownloadOptions, "onBytes"> {
  /** Default: those of the environment. */
  readonly settings?: HubSettings;
  readonly onProgress?: (progress: HubProgress) => void;
  /** Hears when the Hub could not be asked and the cache is used instead. */
  readonly onNotice?: (message: string) => void;
}

/** Files that come at once. */
const AT_ONCE = 4;

/**
 * Downloads what a model of the Hub needs into the cache, as far as it is not there, and returns the path to open: a
 * directory, or the file that was named. The files are those of one commit.
 * @param text hf:owner/name[@revision][:file]
 * @throws `hub/…`
 */
export async function fetchHubModel(text: string, options: FetchHubModelOptions = {}): Promise<string> {
  const reference = parseHubReference(text);
  const settings = options.settings ?? (await hubSettings());
  const cache = hubCache(settings.cacheDirectory, reference);
  if (settings.isOffline) return cachedModel(reference, cache);
  let listing: HubListing;
  try {
    listing = await listHubFiles(settings, reference, options.signal);
  } catch (error) {
    if (!isLowbitError(error) || error.code !== "hub/unreachable") throw error;
    const path = await cachedModel(reference, cache).catch(() => undefined);
    if (path === undefined) throw error;
    options.onNotice?.(`${error.message} Using what the cache holds: ${path}`);
    return path;
  }
  await cache.remember(reference.revision, listing.commit);
  return await downloadModel(reference, cache, settings, listing, options);
}

async function downloadModel(
  reference: HubReference,
  cache: HubCache,
  settings: HubSettings,
  { commit, files }: HubListing,
  options: FetchHubModelOptions,
): Promise<string> {
  const needed = neededFiles(reference, [...files.keys()]);
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const known = async (name: string): Promise<KnownFile> => {
    const file = files.get(name);
    if (file !== undefined) return knownFile(settings, reference, commit, file, signal);
    throw new LowbitError("hub/no-such-file", `${reference.text}: the shard ${JSON.stringify(name)} is not there.`, {
      file: name,
    });
  };
  const one = async (file: KnownFile, onBytes?: (count: number) => void): Promise<string> =>
    downloadFile(settings, reference, cache, commit, file, { ...options, signal, ...(onBytes ? { onBytes } : {}) });

  const shards = needed.kind === "index" ? await shardsOf(await one(await known(needed.main)), needed.main) : [];
  const names = new Set([...needed.weights, ...shards, ...needed.sideFiles]);
  const wanted = await mapBounded([...names], AT_ONCE, known);
  const totalBytes = wanted.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let doneBytes = 0;
  await mapBounded(wanted, AT_ONCE, async (file) => {
    try {
      await one(file, (count) => {
        doneBytes += count;
        options.onProgress?.({ file: file.name, doneBytes, totalBytes });
      });
    } catch (error) {
      // The others end too; the first failure is what the user hears of.
      stop.abort();
      throw error;
    }
  });
  return modelPath(cache, commit, needed);
}

/** The weight files that an index names, as paths in the repository. */
async function shardsOf(indexPath: string, indexName: string): Promise<string[]> {
  const source = await openFileSource(indexPath);
  try {
    const folder = indexName.slice(0, indexName.lastIndexOf("/") + 1);
    return (await readShardIndex(source)).shards.map((shard) => folder + shard);
  } finally {
    await source.close();
  }
}

function modelPath(cache: HubCache, commit: string, { main, isFolder }: ModelFiles): string {
  const snapshot = cache.snapshot(commit);
  return isFolder ? snapshot : join(snapshot, ...main.split("/"));
}

/** @throws `hub/offline` when the cache lacks the model or a part of it */
async function cachedModel(reference: HubReference, cache: HubCache): Promise<string> {
  const offline = (reason: string): LowbitError =>
    new LowbitError("hub/offline", `${reference.text}: the cache ${reason}.`, { model: reference.text });
  const commit = await cache.knownCommit(reference.revision);
  const names = commit === undefined ? undefined : await cache.list(commit);
  if (commit === undefined || names === undefined) throw offline("does not hold it");
  try {
    const needed = neededFiles(reference, names);
    const mainPath = join(cache.snapshot(commit), ...needed.main.split("/"));
    const shards = needed.kind === "index" ? await shardsOf(mainPath, needed.main) : needed.weights;
    const missing = shards.find((name) => !names.includes(name));
    if (missing !== undefined) throw offline(`lacks ${missing}`);
    return modelPath(cache, commit, needed);
  } catch (error) {
    if (!isLowbitError(error) || error.code === "hub/choose-file" || error.code === "hub/offline") throw error;
    throw offline(`lacks a part of it (${error.message})`);
  }
}
