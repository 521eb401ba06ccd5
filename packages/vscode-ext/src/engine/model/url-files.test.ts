import { describe, expect, it } from "vitest";
import { openFiles } from "./open-files.js";
import { urlFiles } from "./url-files.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function safetensors(name: string): Uint8Array {
  let header = JSON.stringify({ [name]: { dtype: "U8", shape: [1], data_offsets: [0, 1] } });
  header += " ".repeat(-header.length & 7);
  const file = new Uint8Array(8 + header.length + 1);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(text(header), 8);
  return file;
}

/** A server of some files that notes what is asked for. */
function server(files: Readonly<Record<string, Uint8Array>>) {
  const asked: string[] = [];
  const fetch = (async (input: string, init?: { readonly headers?: Record<string, string> }) => {
    const url = new URL(input);
    asked.push(url.pathname + url.search);
    const file = files[url.pathname];
    if (file === undefined) return new Response("", { status: 404 });
    const range = /bytes=(\d+)-(\d+)/.exec(init?.headers?.["Range"] ?? "");
    if (range === null) return new Response(file as Uint8Array<ArrayBuffer>);
    const [begin, end] = [Number(range[1]), Math.min(Number(range[2]), file.byteLength - 1)];
    return new Response(file.slice(begin, end + 1), {
      status: 206,
      headers: { "content-range": `bytes ${begin}-${end}/${file.byteLength}` },
    });
  }) as typeof globalThis.fetch;
  return { asked, fetch };
}

describe("a model on a server", () => {
  it("is opened with its configuration, also when the address goes on behind the name", async () => {
    const { fetch, asked } = server({
      "/a/model.safetensors": safetensors("w"),
      "/a/config.json": text('{"model_type":"llama"}'),
    });
    const files = urlFiles("https://host/a/model.safetensors?download=true", fetch);
    const checkpoint = await openFiles(files);
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(["w"]);
    expect(checkpoint.config).toEqual({ model_type: "llama" });
    expect(new Set(asked.map((path) => path.split("?")[1]))).toEqual(new Set(["download=true"]));
    expect(await files.byteLength("model.safetensors")).toBe(safetensors("w").byteLength);
    expect(await files.byteLength("absent.safetensors")).toBeUndefined();
  });

  it("of several shards is opened by its index, each beside it", async () => {
    const names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    const index = { metadata: { total_size: 2 }, weight_map: { a: names[0], b: names[1] } };
    const { fetch, asked } = server({
      "/m/model.safetensors.index.json": text(JSON.stringify(index)),
      [`/m/${names[0]}`]: safetensors("a"),
      [`/m/${names[1]}`]: safetensors("b"),
    });
    const checkpoint = await openFiles(urlFiles("https://host/m/model.safetensors.index.json", fetch));
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(asked.every((path) => path.startsWith("/m/"))).toBe(true);
  });

  it.each(["../other/x.safetensors", "/x.safetensors", "https://elsewhere/x.safetensors", "..\\x.safetensors"])(
    "is never left by a name: %s",
    async (file) => {
      const { fetch, asked } = server({});
      const files = urlFiles("https://host/m/model.safetensors.index.json", fetch);
      expect(await files.open(file)).toBeUndefined();
      expect(asked).toEqual(["/m/x.safetensors"]);
    },
  );

  it("says what the server answered", async () => {
    const files = urlFiles("https://host/m/model.safetensors", server({}).fetch);
    await expect(openFiles(files)).rejects.toMatchObject({ code: "bytes/http-status", facts: { status: 404 } });
    const down = (() => Promise.reject(new TypeError("no network"))) as typeof globalThis.fetch;
    await expect(openFiles(urlFiles("https://host/x.index.json", down))).rejects.toMatchObject({
      code: "bytes/cannot-open",
    });
  });
});
