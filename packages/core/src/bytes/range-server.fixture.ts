import type { FetchRange, RangeResponse } from "./http-range-source.js";

export interface ServedRequest {
  readonly range: string;
  readonly ifRange: string | undefined;
}

export interface RangeServer {
  readonly fetch: FetchRange;
  readonly requests: ServedRequest[];
  /** Changes made to the next answers, to play a faulty server. */
  answer: (honest: Answer) => Answer;
  /** Bytes of a body after which the connection breaks. */
  breakAfter: number;
  /** Most requests under way at the same time so far. */
  mostAtOnce: number;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** A server in memory that understands ranges, for tests. Bodies arrive in pieces of 7 bytes. */
export function rangeServer(content: Uint8Array, etag = '"v1"'): RangeServer {
  let underWay = 0;
  const server: RangeServer = {
    requests: [],
    answer: (honest) => honest,
    breakAfter: Number.POSITIVE_INFINITY,
    mostAtOnce: 0,
    async fetch(_url, { headers, signal }) {
      signal?.throwIfAborted();
      underWay++;
      server.mostAtOnce = Math.max(server.mostAtOnce, underWay);
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      const range = headers["Range"]!;
      server.requests.push({ range, ifRange: headers["If-Range"] });
      const [first, last] = /^bytes=([0-9]+)-([0-9]+)$/.exec(range)!.slice(1).map(Number) as [number, number];
      const honest: Answer =
        content.length === 0
          ? { status: 416, headers: { "content-range": "bytes */0" }, body: new Uint8Array(0) }
          : {
              status: 206,
              headers: { "content-range": `bytes ${first}-${last}/${content.length}`, etag },
              body: content.slice(first, last + 1),
            };
      return respond(server.answer(honest), server.breakAfter, () => underWay--);
    },
  };
  return server;
}

function respond(answer: Answer, breakAfter: number, settled: () => void): RangeResponse {
  let position = 0;
  let open = true;
  const settle = () => {
    if (open) settled();
    open = false;
  };
  return {
    status: answer.status,
    headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
    body: {
      getReader: () => ({
        async read() {
          if (position >= breakAfter) {
            settle();
            throw new TypeError("terminated");
          }
          if (position >= answer.body.length) {
            settle();
            return { done: true };
          }
          const value = answer.body.slice(position, position + 7);
          position += 7;
          return { done: false, value };
        },
        async cancel() {
          settle();
        },
      }),
    },
  };
}
