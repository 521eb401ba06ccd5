import { isLowbitError, LowbitError } from "../errors/index.js";
import type { ByteSource } from "./byte-source.js";
import { checkSpan, shortRead } from "./byte-span.js";
import { isSafeCount } from "./checked-integers.js";
import { ReadSlots } from "./read-slots.js";

/** What a source needs of a response; the platform's own `Response` satisfies it. */
export interface RangeResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
      cancel(): Promise<void>;
    };
  } | null;
}

/** What a source needs of `fetch`. */
export type FetchRange = (
  url: string,
  init: { readonly headers: Record<string, string>; readonly signal?: AbortSignal },
) => Promise<RangeResponse>;

export interface HttpRangeOptions {
  readonly fetch: FetchRange;
  /** Sent with every request, for example an authorization. Never part of an error. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests at once; more wait. Default 6, as browsers allow for one host. */
  readonly maxRequests?: number;
  /** Ends opening and every later read, which may have a signal of its own as well. */
  readonly signal?: AbortSignal;
}

/** What every answer must repeat, so that all bytes come from one version of the file. */
interface Version {
  readonly size: number;
  readonly etag: string | null;
}

/**
 * A file on a server, read by range requests. Opening asks for one byte, which tells the size and whether the server
 * understands ranges at all.
 * @throws `bytes/http-status`, `bytes/http-no-range`, `bytes/http-bad-range`, `bytes/cannot-open`; reads also
 * `bytes/http-changed`, `bytes/http-interrupted`
 */
export async function openHttpRangeSource(url: string, options: HttpRangeOptions): Promise<ByteSource> {
  const slots = new ReadSlots(options.maxRequests ?? 6);
  const version = await askVersion(url, options);
  return {
    name: url,
    byteLength: version.size,
    async read(offset, target, readOptions) {
      const signals = [options.signal, readOptions?.signal].filter((signal) => signal !== undefined);
      const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
      signal?.throwIfAborted();
      checkSpan(url, version.size, offset, target.byteLength);
      if (target.byteLength === 0) return;
      await slots.run(() => readRange(url, version, offset, target, options, signal));
    },
    async close() {},
  };
}

async function askVersion(url: string, options: HttpRangeOptions): Promise<Version> {
  const response = await request(url, 0, 0, null, options, options.signal).catch((cause: unknown) => {
    throw connectionFailed("bytes/cannot-open", url, cause, options.signal);
  });
  await response.body?.getReader().cancel();
  const etag = response.headers.get("etag");
  if (response.status === 416 && response.headers.get("content-range") === "bytes */0") return { size: 0, etag };
  checkStatus(url, response);
  const range = contentRange(response);
  if (range?.begin !== 0 || range.end !== 0) throw badRange(url, "bytes 0-0", response);
  return { size: range.size, etag };
}

async function readRange(
  url: string,
  version: Version,
  offset: number,
  target: Uint8Array,
  options: HttpRangeOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const last = offset + target.byteLength - 1;
  const interrupted = (cause: unknown): never => {
    throw connectionFailed("bytes/http-interrupted", url, cause, signal);
  };
  const response = await request(url, offset, last, version.etag, options, signal).catch(interrupted);
  const range = contentRange(response);
  const etag = response.headers.get("etag");
  const size = range?.size ?? version.size;
  const changed = response.status === 412 || size !== version.size || (etag !== null && etag !== version.etag);
  if (!changed && response.status === 206 && range?.begin === offset && range.end === last) {
    await receive(url, offset, target, response, interrupted);
    return;
  }
  await response.body?.getReader().cancel();
  if (changed) {
    throw new LowbitError("bytes/http-changed", `${url}: the file changed on the server while it was being read.`, {
      url,
      expectedSize: version.size,
      foundSize: size,
      expectedEtag: version.etag,
      foundEtag: etag,
    });
  }
  checkStatus(url, response);
  throw badRange(url, `bytes ${offset}-${last}`, response);
}

async function request(
  url: string,
  first: number,
  last: number,
  etag: string | null,
  options: HttpRangeOptions,
  signal: AbortSignal | undefined,
): Promise<RangeResponse> {
  const headers: Record<string, string> = { ...options.headers, Range: `bytes=${first}-${last}` };
  // A weak validator may not be used with If-Range (RFC 9110, section 13.1.5); the answer's ETag is compared anyway.
  if (etag !== null && !etag.startsWith("W/")) headers["If-Range"] = etag;
  return await options.fetch(url, signal === undefined ? { headers } : { headers, signal });
}

/** @throws the reason of the signal when that is what ended the request */
function connectionFailed(
  code: "bytes/cannot-open" | "bytes/http-interrupted",
  url: string,
  cause: unknown,
  signal: AbortSignal | undefined,
): LowbitError {
  signal?.throwIfAborted();
  // A fetch that is ours knows better what went wrong.
  if (isLowbitError(cause)) return cause;
  // fetch itself says only "fetch failed" or "terminated"; the reason is what caused it.
  const first = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = first instanceof Error ? first.message : String(first);
  return new LowbitError(code, `${url}: the request failed (${reason}).`, { url, reason }, { cause });
}

/** @throws unless the answer is a part of the file */
function checkStatus(url: string, response: RangeResponse): void {
  const { status } = response;
  if (status === 206) return;
  if (status === 200) {
    throw new LowbitError("bytes/http-no-range", `${url}: the server sends the whole file when asked for a range.`, {
      url,
    });
  }
  throw new LowbitError("bytes/http-status", `${url}: the server answered with status ${status} instead of 206.`, {
    url,
    status,
  });
}

/** Fills `target` from the body and makes sure that the body is exactly as long. */
async function receive(
  url: string,
  offset: number,
  target: Uint8Array,
  response: RangeResponse,
  interrupted: (cause: unknown) => never,
): Promise<void> {
  const reader = response.body?.getReader();
  let received = 0;
  for (;;) {
    const piece = await reader?.read().catch(interrupted);
    if (piece?.value === undefined) break;
    if (received + piece.value.byteLength > target.byteLength) {
      await reader?.cancel();
      throw badRange(url, `${target.byteLength} bytes`, response);
    }
    target.set(piece.value, received);
    received += piece.value.byteLength;
  }
  if (received < target.byteLength) throw shortRead(url, offset, target.byteLength, received);
}

function contentRange(response: RangeResponse): { begin: number; end: number; size: number } | undefined {
  const match = /^bytes ([0-9]+)-([0-9]+)\/([0-9]+)$/.exec(response.headers.get("content-range") ?? "");
  if (match === null) return undefined;
  const [begin, end, size] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isSafeCount(size) && begin <= end && end < size ? { begin, end, size } : undefined;
}

function badRange(url: string, wanted: string, response: RangeResponse): LowbitError {
  const found = response.headers.get("content-range") ?? "no Content-Range";
  return new LowbitError("bytes/http-bad-range", `${url}: asked for ${wanted}, the server answered with ${found}.`, {
    url,
    wanted,
    found,
  });
}
