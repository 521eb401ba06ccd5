import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isLowbitError, LowbitError } from "../../errors/index.js";
import { writeFailed } from "../file-writer.js";
import type { HubCache } from "./hub-cache.js";
import { fileUrl, type HubFile } from "./hub-listing.js";
import type { HubReference } from "./hub-reference.js";
import { aborted, accepted, askHub, type HubAnswer, requestFailed } from "./hub-request.js";
import type { HubSettings } from "./hub-settings.js";

/** A file of which everything is known that a download is checked against. */
export type KnownFile = Required<HubFile>;

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Bytes that have come, also those that an earlier run left. */
  readonly onBytes?: (count: number) => void;
  /** A connection that brings nothing for so long is given up and made anew. Default 60 s. */
  readonly stallMs?: number;
  /** Before the second of several attempts that bring nothing; doubles. Default 1 s. */
  readonly retryDelayMs?: number;
}

interface Download extends DownloadOptions {
  readonly settings: HubSettings;
  readonly reference: HubReference;
  readonly commit: string;
  readonly file: KnownFile;
}

/** Attempts without a single byte, one after the other, after which the download is given up. */
const FRUITLESS_ATTEMPTS = 5;
const STALL_MS = 60_000;
const RETRY_DELAY_MS = 1_000;

/**
 * The path of a file in the cache, downloaded when it is not there. What comes is kept in `….incomplete` until size and
 * hash are right; a later run goes on behind it. Bytes are written at their places, so two runs at once do no harm.
 * @throws `hub/interrupted`, `hub/file-changed`, `hub/damaged`, `hub/aborted`, `pipeline/write-failed`, and what
 * `askHub` and `accepted` throw
 */
export async function downloadFile(
  settings: HubSettings,
  reference: HubReference,
  cache: HubCache,
  commit: string,
  file: KnownFile,
  options: DownloadOptions = {},
): Promise<string> {
  const { name, byteLength, etag } = file;
  const path = join(cache.snapshot(commit), ...name.split("/"));
  if ((await cache.size(path)) === byteLength) {
    options.onBytes?.(byteLength);
    return path;
  }
  const blob = cache.blob(etag);
  if ((await cache.size(blob)) === byteLength) options.onBytes?.(byteLength);
  else await downloadBlob({ ...options, settings, reference, commit, file }, blob, cache);
  return cache.link(commit, name, etag);
}

async function downloadBlob(download: Download, blob: string, cache: HubCache): Promise<void> {
  const { byteLength } = download.file;
  const partial = `${blob}.incomplete`;
  const handle = await openPartial(partial);
  try {
    let have = Math.min((await cache.size(partial)) ?? 0, byteLength);
    await handle.truncate(have);
    let hash = await hashOf(partial, download.file);
    download.onBytes?.(have);
    for (let fruitless = 0; have < byteLength; ) {
      const before = have;
      try {
        const body = await askFrom(download, have);
        if (body.restarts) {
          download.onBytes?.(-have);
          have = 0;
          hash = newHash(download.file);
        }
        for await (const piece of body.pieces) {
          if (have + piece.byteLength > byteLength) throw changed(download, "has more bytes than the Hub lists");
          await writeAt(handle, partial, piece, have);
          hash.update(piece);
          have += piece.byteLength;
          download.onBytes?.(piece.byteLength);
        }
      } catch (error) {
        if (!isLowbitError(error) || error.code !== "hub/unreachable") throw error;
      }
      fruitless = have > before ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_ATTEMPTS) throw interrupted(download, have);
      if (fruitless > 0) await pause(download, fruitless);
    }
    if (hash.digest("hex") !== download.file.etag) throw damaged(download);
    await handle.sync();
  } catch (error) {
    await handle.close();
    if (isLowbitError(error) && ["hub/damaged", "hub/file-changed"].includes(error.code))
      await rm(partial, { force: true });
    throw error;
  }
  await handle.close();
  await finish(partial, blob, cache, byteLength);
}

/** Another run may have finished the same file first. */
async function finish(partial: string, blob: string, cache: HubCache, byteLength: number): Promise<void> {
  try {
    await rename(partial, blob);
  } catch (cause) {
    if ((await cache.size(blob)) !== byteLength) throw writeFailed(blob, cause);
  }
}

interface Body {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** The server sends the file from its start. */
  readonly restarts: boolean;
}

/** Asks for the bytes from `offset` on. */
async function askFrom(download: Download, offset: number): Promise<Body> {
  const { settings, reference, commit, file, signal, stallMs = STALL_MS } = download;
  const stall = new AbortController();
  const signals = signal === undefined ? [stall.signal] : [signal, stall.signal];
  const both = AbortSignal.any(signals);
  let timer = setTimeout(() => stall.abort(), stallMs);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), stallMs);
  };
  try {
    const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const answer = await askHub(settings, fileUrl(settings, reference, commit, file.name), { headers, signal: both });
    await accepted(answer, reference, `the file ${file.name}`, settings);
    const restarts = checkAnswer(download, answer, offset);
    return { restarts, pieces: pieces(answer.response, heard, () => clearTimeout(timer), file.name, signal) };
  } catch (error) {
    clearTimeout(timer);
    // A stalled attempt ends as one without an answer; only the user's signal cancels.
    if (stall.signal.aborted && signal?.aborted !== true)
      throw requestFailed(file.name, new Error("stalled"), undefined);
    throw error;
  }
}

async function* pieces(
  response: Response,
  heard: () => void,
  done: () => void,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response.body ?? []) {
      heard();
      yield piece;
    }
  } catch (cause) {
    if (isLowbitError(cause)) throw cause;
    throw requestFailed(name, cause, signal);
  } finally {
    done();
  }
}

/** @returns whether the body begins at the start of the file. @throws `hub/file-changed` */
function checkAnswer(download: Download, { response, own }: HubAnswer, offset: number): boolean {
  const { commit, file } = download;
  const etag = (own.get("x-linked-etag") ?? own.get("etag"))?.replace(/^W\//, "").replaceAll('"', "");
  const answered = own.get("x-repo-commit");
  if (answered !== null && answered !== commit) throw changed(download, `is of commit ${answered}`);
  if (etag !== undefined && etag !== file.etag && /^[0-9a-f]{40,64}$/.test(etag))
    throw changed(download, `has etag ${etag}`);
  if (response.status === 206) {
    const range = /^bytes ([0-9]+)-[0-9]+\/([0-9]+)$/.exec(response.headers.get("content-range") ?? "");
    if (Number(range?.[1]) === offset && Number(range?.[2]) === file.byteLength) return false;
    throw changed(download, `is sent as ${response.headers.get("content-range") ?? "a part without its place"}`);
  }
  const length = response.headers.get("content-length");
  if (length === null || Number(length) === file.byteLength) return offset > 0;
  throw changed(download, `has ${length} bytes`);
}

async function openPartial(partial: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(partial), { recursive: true });
    return await open(partial, "r+").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return open(partial, "w+");
      throw error;
    });
  } catch (cause) {
    throw writeFailed(partial, cause);
  }
}

async function writeAt(handle: FileHandle, path: string, piece: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < piece.byteLength; ) {
      done += (await handle.write(piece, done, piece.byteLength - done, position + done)).bytesWritten;
    }
  } catch (cause) {
    throw writeFailed(path, cause);
  }
}

/** Large files have the SHA-256 of their bytes, small ones git's SHA-1, which counts the length in front. */
function newHash({ byteLength, etag }: KnownFile): Hash {
  if (etag.length === 64) return createHash("sha256");
  return createHash("sha1").update(`blob ${byteLength}\0`);
}

async function hashOf(path: string, file: KnownFile): Promise<Hash> {
  const hash = newHash(file);
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash;
}

/** @throws `hub/aborted` */
async function pause({ signal, retryDelayMs = RETRY_DELAY_MS }: Download, attempt: number): Promise<void> {
  await wait(retryDelayMs * 2 ** (attempt - 1), undefined, signal === undefined ? {} : { signal }).catch(() => {
    throw aborted();
  });
}

function interrupted({ reference, file }: Download, have: number): LowbitError {
  return new LowbitError(
    "hub/interrupted",
    `${reference.text}: ${file.name} stopped at ${have} of ${file.byteLength} bytes, ${FRUITLESS_ATTEMPTS} times.`,
    { file: file.name, found: have, expected: file.byteLength },
  );
}

function changed({ reference, file }: Download, reason: string): LowbitError {
  return new LowbitError(
    "hub/file-changed",
    `${reference.text}: ${file.name} ${reason}; ${file.byteLength} bytes with etag ${file.etag} are listed.`,
    { file: file.name, expected: file.byteLength, etag: file.etag },
  );
}

function damaged({ reference, file }: Download): LowbitError {
  return new LowbitError("hub/damaged", `${reference.text}: ${file.name} came with another hash than ${file.etag}.`, {
    file: file.name,
    etag: file.etag,
  });
}
