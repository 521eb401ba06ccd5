import { describe, expect, it } from "vitest";
import { type FetchRange, openHttpRangeSource } from "./http-range-source.js";
import { type Answer, rangeServer } from "./range-server.fixture.js";

const URL_UNDER_TEST = "https://example.test/model.safetensors";
const CONTENT = Uint8Array.from({ length: 100 }, (_, index) => index);

const open = (server: ReturnType<typeof rangeServer>, etagHeaders = {}) =>
  openHttpRangeSource(URL_UNDER_TEST, { fetch: server.fetch, headers: { Authorization: "secret" }, ...etagHeaders });

describe("openHttpRangeSource", () => {
  it("asks for one byte to learn the size, then for exactly the bytes wanted, tied to the version", async () => {
    const server = rangeServer(CONTENT);
    const source = await open(server);
    await source.read(10, new Uint8Array(5));
    expect(server.requests).toEqual([
      { range: "bytes=0-0", ifRange: undefined },
      { range: "bytes=10-14", ifRange: '"v1"' },
    ]);
  });

  it("does not send a weak validator as If-Range", async () => {
    const server = rangeServer(CONTENT, 'W/"v1"');
    const source = await open(server);
    await source.read(0, new Uint8Array(1));
    expect(server.requests[1]!.ifRange).toBeUndefined();
  });

  it("takes the platform's own fetch and Response", async () => {
    const platform: FetchRange = globalThis.fetch;
    expect(platform).toBeTypeOf("function");
    const source = await openHttpRangeSource(URL_UNDER_TEST, {
      fetch: async (_, { headers }) => {
        const [first, last] = headers["Range"]!.slice("bytes=".length).split("-").map(Number) as [number, number];
        const range = `bytes ${first}-${last}/${CONTENT.length}`;
        return new Response(CONTENT.slice(first, last + 1), { status: 206, headers: { "Content-Range": range } });
      },
    });
    const target = new Uint8Array(3);
    await source.read(97, target);
    expect([...target]).toEqual([97, 98, 99]);
  });

  it("opens an empty file", async () => {
    expect((await open(rangeServer(new Uint8Array(0)))).byteLength).toBe(0);
  });

  it("keeps at most maxRequests under way", async () => {
    const server = rangeServer(CONTENT);
    const source = await open(server, { maxRequests: 3 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => source.read(index, new Uint8Array(1))));
    expect(server.mostAtOnce).toBe(3);
  });

  const faults: [string, string, (honest: Answer) => Partial<Answer>][] = [
    ["the whole file", "bytes/http-no-range", () => ({ status: 200, headers: {}, body: CONTENT })],
    ["404", "bytes/http-status", () => ({ status: 404, headers: {} })],
    ["no Content-Range", "bytes/http-bad-range", () => ({ headers: {} })],
    ["a Content-Range without size", "bytes/http-bad-range", () => ({ headers: { "content-range": "bytes 0-0/*" } })],
    ["another range", "bytes/http-bad-range", () => ({ headers: { "content-range": "bytes 1-1/100" } })],
    ["a size below its range", "bytes/http-bad-range", () => ({ headers: { "content-range": "bytes 0-0/0" } })],
  ];

  it.each(faults)("refuses %s on opening: %s", async (_, code, change) => {
    const server = rangeServer(CONTENT);
    server.answer = (honest) => ({ ...honest, ...change(honest) });
    await expect(open(server)).rejects.toMatchObject({ code });
  });

  const laterFaults: [string, string, (honest: Answer) => Partial<Answer>][] = [
    ["the whole file, same version", "bytes/http-no-range", () => ({ status: 200, headers: { etag: '"v1"' } })],
    ["the whole file, new version", "bytes/http-changed", () => ({ status: 200, headers: { etag: '"v2"' } })],
    ["a new version's range", "bytes/http-changed", ({ headers }) => ({ headers: { ...headers, etag: '"v2"' } })],
    ["another size", "bytes/http-changed", () => ({ headers: { "content-range": "bytes 10-14/99", etag: '"v1"' } })],
    ["precondition failed", "bytes/http-changed", () => ({ status: 412, headers: {} })],
    ["503", "bytes/http-status", () => ({ status: 503, headers: {} })],
    ["another range", "bytes/http-bad-range", () => ({ headers: { "content-range": "bytes 11-15/100" } })],
    ["too many bytes", "bytes/http-bad-range", () => ({ body: CONTENT })],
    ["too few bytes", "bytes/short-read", () => ({ body: CONTENT.slice(0, 3) })],
  ];

  it.each(laterFaults)("refuses %s on reading: %s", async (_, code, change) => {
    const server = rangeServer(CONTENT);
    const source = await open(server);
    server.answer = (honest) => ({ ...honest, ...change(honest) });
    await expect(source.read(10, new Uint8Array(5))).rejects.toMatchObject({ code });
  });

  it("reports a connection that breaks in a body, and reads again afterwards", async () => {
    const server = rangeServer(CONTENT);
    const source = await open(server);
    server.breakAfter = 14;
    await expect(source.read(10, new Uint8Array(50))).rejects.toMatchObject({ code: "bytes/http-interrupted" });
    server.breakAfter = Number.POSITIVE_INFINITY;
    const target = new Uint8Array(2);
    await source.read(10, target);
    expect([...target]).toEqual([10, 11]);
  });

  it("reports a connection that fails after opening", async () => {
    const server = rangeServer(CONTENT);
    const source = await open(server);
    server.answer = () => {
      throw new TypeError("connection reset");
    };
    await expect(source.read(10, new Uint8Array(5))).rejects.toMatchObject({ code: "bytes/http-interrupted" });
  });

  it.each(["its own signal", "the signal of the source"])(
    "ends a read by %s, with the reason of the signal",
    async (which) => {
      const [opening, reading] = [new AbortController(), new AbortController()];
      const server = rangeServer(CONTENT);
      const source = await open(server, { signal: opening.signal });
      const read = source.read(10, new Uint8Array(5), { signal: reading.signal });
      (which === "its own signal" ? reading : opening).abort(new Error("enough"));
      await expect(read).rejects.toThrow("enough");
    },
  );

  it("reports a failed connection without the headers that were sent", async () => {
    const error = await openHttpRangeSource(URL_UNDER_TEST, {
      headers: { Authorization: "secret" },
      fetch: async () => {
        throw new TypeError("connection refused");
      },
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "bytes/cannot-open" });
    expect(JSON.stringify(error) + String(error)).not.toContain("secret");
  });
});
