import { isSafeCount } from "../../bytes/checked-integers.js";
import { LowbitError } from "../../errors/index.js";
import { checkRepositoryPath, type HubReference } from "./hub-reference.js";
import { accepted, askHub } from "./hub-request.js";
import type { HubSettings } from "./hub-settings.js";
import { readBody } from "./read-body.js";

/** A file of a repository as the Hub lists it. */
export interface HubFile {
  readonly name: string;
  /** Absent where a mirror does not list it. */
  readonly byteLength?: number;
  /** SHA-256 of a large file, git's SHA-1 of a small one; in hexadecimal. */
  readonly etag?: string;
}

/** The files of a repository at one commit. */
export interface HubListing {
  readonly commit: string;
  readonly files: ReadonlyMap<string, HubFile>;
}

/** The largest repositories have some 10 000 files. */
const MAX_LISTING_BYTES = 2 ** 26;
const COMMIT = /^[0-9a-f]{40}$/;
/** SHA-1 or SHA-256; a name of a file in the cache, so nothing else will do. */
export const ETAG: RegExp = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Asks for the files of a model. The commit of the answer is what everything is read from afterwards.
 * @throws `hub/bad-answer`, `hub/unsafe-name`, and what `askHub` and `accepted` throw
 */
export async function listHubFiles(
  settings: HubSettings,
  reference: HubReference,
  signal?: AbortSignal,
): Promise<HubListing> {
  const { owner, name, revision } = reference;
  const url = `${settings.endpoint}/api/models/${owner}/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const answer = await askHub(settings, url, signal === undefined ? {} : { signal });
  const response = await accepted(answer, reference, "its list of files", settings);
  const what = `${reference.text}: the list of files`;
  const body = await readBody(response, what, MAX_LISTING_BYTES, signal);
  return readListing(parse(body, what), what);
}

function parse(body: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw badListing(what, "is no JSON");
  }
}

function readListing(answer: unknown, what: string): HubListing {
  if (!isObject(answer)) throw badListing(what, "is no object");
  const { sha, siblings } = answer;
  if (typeof sha !== "string" || !COMMIT.test(sha)) throw badListing(what, "states no commit");
  if (!Array.isArray(siblings)) throw badListing(what, "has no files");
  const files = siblings.map((sibling: unknown): [string, HubFile] => {
    if (!isObject(sibling) || typeof sibling["rfilename"] !== "string")
      throw badListing(what, "has a file without name");
    const name = sibling["rfilename"];
    checkRepositoryPath(name);
    return [name, { name, ...sizeOf(sibling), ...etagOf(sibling) }];
  });
  return { commit: sha, files: new Map(files) };
}

function sizeOf({ size }: Readonly<Record<string, unknown>>): Pick<HubFile, "byteLength"> {
  return typeof size === "number" && isSafeCount(size) ? { byteLength: size } : {};
}

function etagOf({ lfs, blobId }: Readonly<Record<string, unknown>>): Pick<HubFile, "etag"> {
  const found = isObject(lfs) ? lfs["sha256"] : blobId;
  return typeof found === "string" && ETAG.test(found) ? { etag: found } : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function badListing(what: string, reason: string): LowbitError {
  return new LowbitError("hub/bad-answer", `${what} ${reason}.`, { reason });
}

/** Where the bytes of a file are, at one commit. */
export function fileUrl(settings: HubSettings, { owner, name }: HubReference, commit: string, file: string): string {
  return `${settings.endpoint}/${owner}/${name}/resolve/${commit}/${file.split("/").map(encodeURIComponent).join("/")}`;
}
