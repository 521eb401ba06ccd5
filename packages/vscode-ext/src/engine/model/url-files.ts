import { type ByteSource, createMemorySource, openHttpRangeSource } from "@lowbit/core/bytes";
import { isLowbitError, LowbitError } from "@lowbit/core/errors";
import type { ModelFiles } from "./model-files.js";

/** Far above any index or configuration. */
const MAX_TEXT_BYTES = 2 ** 28;
/** Answers that say: there is no such file (403 is what object stores say of it to strangers). */
const ABSENT = new Set([403, 404, 410]);

/**
 * A file on a server with those beside it. Names that a file states lead to its own folder and nowhere else: they are
 * plain names, put into the place of the last part of the address.
 */
export function urlFiles(url: string, fetch: typeof globalThis.fetch = globalThis.fetch): ModelFiles {
  const address = new URL(url);
  const main = decodeURIComponent(address.pathname.split("/").at(-1)!);
  const place = (file: string): string => {
    if (file === main) return url;
    const beside = new URL(address);
    const parts = address.pathname.split("/").slice(0, -1);
    beside.pathname = [...parts, encodeURIComponent(plainName(file))].join("/");
    return beside.href;
  };
  const get: typeof fetch = (input, init) => fetch(input, init);
  const open = async (file: string): Promise<ByteSource | undefined> => {
    const source = file.endsWith(".json")
      ? readWhole(place(file), get)
      : openHttpRangeSource(place(file), { fetch: get });
    return source.catch((error: unknown) => {
      if (file !== main && isLowbitError(error) && ABSENT.has(error.facts["status"] as number)) return undefined;
      throw error;
    });
  };
  return {
    name: url,
    main,
    list: async () => [],
    // Every read checks that the file is still the one that was opened.
    version: async () => "",
    open,
    async byteLength(file) {
      const source = await open(file);
      await source?.close();
      return source?.byteLength;
    },
  };
}

/** Text files are small and often compressed on the way, which ranges do not go with. */
async function readWhole(url: string, fetch: typeof globalThis.fetch): Promise<ByteSource> {
  const response = await fetch(url).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LowbitError("bytes/cannot-open", `${url}: the request failed (${reason}).`, { url, reason }, { cause });
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const { status } = response;
    throw new LowbitError("bytes/http-status", `${url}: the server answered with status ${status}.`, { url, status });
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.byteLength;
    if (length <= MAX_TEXT_BYTES) continue;
    await reader.cancel();
    throw new LowbitError("bytes/cannot-open", `${url}: is longer than ${MAX_TEXT_BYTES} bytes.`, {
      url,
      allowed: MAX_TEXT_BYTES,
    });
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return createMemorySource(bytes, url);
}

function plainName(file: string): string {
  return file.split(/[\\/]/).at(-1)!;
}
