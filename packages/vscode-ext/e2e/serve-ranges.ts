import { closeSync, createReadStream, openSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { basename, join } from "node:path";

export interface RangeServer {
  readonly url: string;
  /** Bytes of bodies that were sent since it started or was last asked to forget. */
  sentBytes(): number;
  /** Requests as "GET name bytes=0-7". */
  readonly requests: string[];
  forget(): void;
  close(): Promise<void>;
}

/** Pages of other origins may read what it sends, and the headers that a range reader needs. */
const HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "Range, If-Range",
  "Access-Control-Expose-Headers": "Content-Range, ETag",
  "Accept-Ranges": "bytes",
};

/** The files of one folder on a free port of 127.0.0.1, as object stores serve them: one range at a time, with an ETag. */
export async function serveRanges(folder: string): Promise<RangeServer> {
  let sent = 0;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${basename(request.url ?? "")} ${request.headers.range ?? ""}`.trim());
    answer(folder, request, response, (bytes) => {
      sent += bytes;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    sentBytes: () => sent,
    requests,
    forget: () => {
      sent = 0;
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  count: (bytes: number) => void,
): void {
  if (request.method === "OPTIONS") return void response.writeHead(204, HEADERS).end();
  const path = join(folder, basename(new URL(request.url ?? "/", "http://127.0.0.1").pathname));
  const size = sizeOf(path);
  if (size === undefined) return void response.writeHead(404, HEADERS).end();
  const etag = `"${size}"`;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const begin = first === undefined ? 0 : Number(first);
  const end = last === undefined ? size : Math.min(Number(last) + 1, size);
  const range = first === undefined ? {} : { "Content-Range": `bytes ${begin}-${end - 1}/${size}` };
  response.writeHead(first === undefined ? 200 : 206, {
    ...HEADERS,
    ...range,
    ETag: etag,
    "Content-Length": end - begin,
  });
  const body = createReadStream(path, { start: begin, end: end - 1 });
  body.on("data", (chunk) => count(chunk.length));
  body.pipe(response);
  response.on("close", () => body.destroy());
}

/** Of a file; nothing of anything else. */
function sizeOf(path: string): number | undefined {
  try {
    closeSync(openSync(path, "r"));
    const facts = statSync(path);
    return facts.isFile() ? facts.size : undefined;
  } catch {
    return undefined;
  }
}
