import type { ByteSource } from "../../bytes/byte-source.js";
import { openHttpRangeSource } from "../../bytes/http-range-source.js";
import { createMemorySource } from "../../bytes/memory-source.js";
import { readCheckpointConfig } from "../../checkpoint/checkpoint-config.js";
import { LowbitError } from "../../errors/index.js";
import { openGguf } from "../../gguf/gguf-checkpoint.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { openSharded, openShards } from "../../safetensors/open-sharded.js";
import { checkShardSet } from "../../safetensors/shard-name.js";
import { fileUrl, type HubListing, listHubFiles } from "./hub-listing.js";
import { type HubReference, parseHubReference } from "./hub-reference.js";
import { accepted, askHub, refusedByHub } from "./hub-request.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import { neededFiles } from "./needed-files.js";
import { readBody } from "./read-body.js";

export interface OpenHubOptions {
  /** Default: those of the environment. */
  readonly settings?: HubSettings;
  readonly signal?: AbortSignal;
}

/** Bounds the two kinds of files that are read whole: an index and the configuration. */
const MAX_WHOLE_BYTES = 2 ** 28;

/** A model on the Hub, of which the files are read where they are. */
export interface HubModel {
  readonly reference: HubReference;
  /** Names of its weight files, unless an index has to be read for them. */
  readonly weights: readonly string[];
  /** Reads by range requests. */
  openSource(name: string): Promise<ByteSource>;
  openCheckpoint(): Promise<Checkpoint>;
}

/**
 * Finds a model on the Hub without downloading it: opening its checkpoint reads headers alone.
 * @param text hf:owner/name[@revision][:file]
 * @throws `hub/…`
 */
export async function findHubModel(text: string, options: OpenHubOptions = {}): Promise<HubModel> {
  const reference = parseHubReference(text);
  const settings = options.settings ?? (await hubSettings());
  if (settings.isOffline) {
    throw new LowbitError("hub/offline", `${text}: HF_HUB_OFFLINE is set, so the Hub is not asked.`, { model: text });
  }
  const { signal } = options;
  const listing = await listHubFiles(settings, reference, signal);
  const needed = neededFiles(reference, [...listing.files.keys()]);
  const folder = needed.main.slice(0, needed.main.lastIndexOf("/") + 1);
  const openSource = (name: string): Promise<ByteSource> => openRanges(settings, reference, listing, name, signal);
  const openIfListed = async (plainName: string): Promise<ByteSource | undefined> =>
    listing.files.has(folder + plainName) ? openSource(folder + plainName) : undefined;
  const openWhole = (name: string): Promise<ByteSource> => readWhole(settings, reference, listing, name, signal);
  const plain = (name: string): string => name.slice(folder.length);

  async function openCheckpoint(): Promise<Checkpoint> {
    const signals = signal === undefined ? {} : { signal };
    if (needed.kind === "gguf") {
      const source = await openSource(needed.main);
      return openGguf(source, { shard: plain(needed.main), openSplit: openIfListed, ...signals });
    }
    const config = await readCheckpointConfig(async (name) =>
      listing.files.has(folder + name) ? openWhole(folder + name) : undefined,
    );
    const shared = { ...signals, ...(config === undefined ? {} : { config }) };
    if (needed.kind === "index") return openSharded(text, await openWhole(needed.main), openIfListed, shared);
    const shards = needed.weights.map(plain);
    checkShardSet(shards);
    return openShards(text, shards, openIfListed, shared);
  }
  return { reference, weights: needed.weights, openSource, openCheckpoint };
}

async function openRanges(
  settings: HubSettings,
  reference: HubReference,
  { commit }: HubListing,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  const source = await openHttpRangeSource(fileUrl(settings, reference, commit, name), {
    ...(signal === undefined ? {} : { signal }),
    async fetch(url, init) {
      const answer = await askHub(settings, url, init);
      const { status } = answer.response;
      if (status < 400 || status === 412 || status === 416) return answer.response;
      await answer.response.body?.cancel();
      throw refusedByHub(answer, reference, `the file ${name}`, settings.token !== undefined);
    },
  });
  return { ...source, name: sourceName(reference, name) };
}

async function readWhole(
  settings: HubSettings,
  reference: HubReference,
  { commit }: HubListing,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  const answer = await askHub(
    settings,
    fileUrl(settings, reference, commit, name),
    signal === undefined ? {} : { signal },
  );
  const response = await accepted(answer, reference, `the file ${name}`, settings);
  const body = await readBody(response, sourceName(reference, name), MAX_WHOLE_BYTES, signal);
  return createMemorySource(body, sourceName(reference, name));
}

function sourceName({ owner, name }: HubReference, file: string): string {
  return `hf:${owner}/${name}:${file}`;
}
