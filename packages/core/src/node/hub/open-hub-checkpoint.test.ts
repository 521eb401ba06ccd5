import { afterEach, describe, expect, it } from "vitest";
import { entry, makeFile, textBytes } from "../../../../../attacks/make-file.mjs";
import { array, info, makeGguf, pair, text } from "../../../../../attacks/make-gguf.mjs";
import { isGgufCheckpoint } from "../../gguf/gguf-checkpoint.js";
import { type HubServer, startHubServer } from "./hub-server.fixture.js";
import type { HubSettings } from "./hub-settings.js";
import { findHubModel } from "./open-hub-checkpoint.js";

const large = (name: string): Uint8Array =>
  makeFile(`{${JSON.stringify(name)}:${entry({ shape: "[500000]", offsets: "[0,2000000]" })}}`, 2_000_000);

let server: HubServer;
const start = async (files: Readonly<Record<string, Uint8Array>>): Promise<HubSettings> => {
  server = await startHubServer(files);
  return { endpoint: server.endpoint, cacheDirectory: "/nowhere", isOffline: false, fetch };
};
/** Bytes that the storage host was asked for. */
const askedBytes = (): number =>
  server.requests
    .flatMap(({ host, range }) => (host === "cdn" ? [/^bytes=([0-9]+)-([0-9]+)$/.exec(range ?? "")!] : []))
    .reduce((sum, [, first, last]) => sum + Number(last) - Number(first) + 1, 0);

describe("findHubModel", () => {
  afterEach(() => server.close());

  it("opens all shards of an index by their headers, with the configuration", async () => {
    const settings = await start({
      "config.json": textBytes('{"model_type":"llama"}'),
      "model.safetensors.index.json": textBytes(
        '{"weight_map":{"a":"m-00001-of-00002.safetensors","b":"m-00002-of-00002.safetensors"}}',
      ),
      "m-00001-of-00002.safetensors": large("a"),
      "m-00002-of-00002.safetensors": large("b"),
    });
    const checkpoint = await (await findHubModel("hf:owner/name", { settings })).openCheckpoint();
    expect(checkpoint.name).toBe("hf:owner/name");
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(checkpoint.config).toEqual({ model_type: "llama" });
    expect(askedBytes()).toBeLessThan(1000);
    const value = new Uint8Array(4);
    await checkpoint.read(checkpoint.tensor("b")!, 1_999_996, value);
    expect(value).toEqual(new Uint8Array(4));
    await checkpoint.close();
  });

  it("opens a GGUF file by its header, in pieces that grow", async () => {
    const tokens = new Uint8Array(Buffer.concat(Array.from({ length: 70_000 }, (_, i) => text(`token ${i}`))));
    const file = makeGguf({
      pairs: [
        pair("general.architecture", "string", text("llama")),
        pair("tokens", "array", array("string", 70_000, tokens)),
      ],
      tensors: [info({ sizes: [1_000_000] })],
      dataBytes: 4_000_000,
    });
    const settings = await start({ "m.gguf": file });
    const checkpoint = await (await findHubModel("hf:owner/name:m.gguf", { settings })).openCheckpoint();
    expect(isGgufCheckpoint(checkpoint) && checkpoint.gguf.get("general.architecture")).toMatchObject({
      value: "llama",
    });
    expect(checkpoint.tensors).toMatchObject([{ name: "a", byteLength: 4_000_000 }]);
    expect(askedBytes()).toBeLessThan(2_200_000);
    expect(server.requests.length).toBeLessThan(12);
  });

  it("says what a server refuses while headers are read", async () => {
    const settings = await start({ "model.safetensors": large("a") });
    server.isGated = true;
    const model = await findHubModel("hf:owner/name", { settings });
    await expect(model.openCheckpoint()).rejects.toMatchObject({ code: "hub/gated" });
    server.isGated = false;
    server.files.clear();
    await expect(model.openCheckpoint()).rejects.toMatchObject({ code: "hub/no-such-file" });
  });

  it("asks nothing offline", async () => {
    const settings = await start({ "model.safetensors": large("a") });
    const offline = findHubModel("hf:owner/name", { settings: { ...settings, isOffline: true } });
    await expect(offline).rejects.toMatchObject({ code: "hub/offline" });
    expect(server.requests).toEqual([]);
  });
});
