import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entry, makeFile, textBytes } from "../../../../../attacks/make-file.mjs";
import { oneTensorGguf } from "../../../../../attacks/make-gguf.mjs";
import { openCheckpoint } from "../open-checkpoint.js";
import { type FetchHubModelOptions, fetchHubModel, type HubProgress } from "./fetch-hub-model.js";
import { COMMIT, type HubServer, sha256, startHubServer } from "./hub-server.fixture.js";
import type { HubSettings } from "./hub-settings.js";

const FIRST = "model-00001-of-00002.safetensors";
const SECOND = "model-00002-of-00002.safetensors";
const holding = (name: string): Uint8Array => makeFile(`{${JSON.stringify(name)}:${entry()}}`.padEnd(120), 8);
const SHARDED = {
  "config.json": textBytes('{"model_type":"llama"}'),
  "tokenizer.json": textBytes(`{${" ".repeat(150)}}`),
  "README.md": textBytes("not needed"),
  "pytorch_model.bin": new Uint8Array(500),
  "consolidated.safetensors": new Uint8Array(200),
  "model.safetensors.index.json": textBytes(`{"weight_map":{"a":"${FIRST}","b":"${SECOND}"}}`),
  [FIRST]: holding("a"),
  [SECOND]: holding("b"),
};

let server: HubServer;
let folder: string;
let settings: HubSettings;
const start = async (files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
  server = await startHubServer(files);
  folder = mkdtempSync(join(tmpdir(), "lowbit-hub-"));
  settings = { endpoint: server.endpoint, cacheDirectory: folder, isOffline: false, fetch };
};
const fetchModel = (text: string, options: FetchHubModelOptions = {}): Promise<string> =>
  fetchHubModel(text, { settings, retryDelayMs: 1, ...options });
const cached = (...path: string[]): string => join(folder, "models--owner--name", ...path);
const asked = (host: "hub" | "cdn"): string[] =>
  server.requests.filter((seen) => seen.host === host).map(({ path }) => path);

describe("fetchHubModel", () => {
  beforeEach(() => start(SHARDED));
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("downloads what the index names and the files beside it, in the layout of huggingface_hub", async () => {
    const path = await fetchModel("hf:owner/name");
    expect(path).toBe(cached("snapshots", COMMIT));
    expect(readdirSync(path).toSorted()).toEqual(
      ["config.json", FIRST, SECOND, "model.safetensors.index.json", "tokenizer.json"].toSorted(),
    );
    expect(readFileSync(cached("refs", "main"), "utf8")).toBe(COMMIT);
    expect(readFileSync(cached("blobs", sha256(holding("a"))))).toEqual(Buffer.from(holding("a")));
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(checkpoint.config).toEqual({ model_type: "llama" });
    await checkpoint.close();
  });

  it("reads every file at the commit of the list, and a second time nothing but the list", async () => {
    await fetchModel("hf:owner/name@refs/pr/1");
    expect(readFileSync(cached("refs", "refs", "pr", "1"), "utf8")).toBe(COMMIT);
    const files = asked("hub").filter((path) => path.startsWith("/owner"));
    expect(files.every((path) => path.startsWith(`/owner/name/resolve/${COMMIT}/`))).toBe(true);
    server.requests.length = 0;
    await fetchModel("hf:owner/name");
    expect(server.requests.map(({ path }) => path)).toEqual(["/api/models/owner/name/revision/main?blobs=true"]);
  });

  it("sends the token to the Hub and never to the host it points to", async () => {
    server.token = "secret";
    await fetchModel("hf:owner/name", { settings: { ...settings, token: "secret" } });
    expect(asked("cdn").length).toBeGreaterThan(0);
    for (const { host, authorization } of server.requests) {
      expect(authorization).toBe(host === "hub" ? "Bearer secret" : undefined);
    }
  });

  it("tells how far it is, up to the whole", async () => {
    const seen: HubProgress[] = [];
    await fetchModel("hf:owner/name", { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)!.doneBytes).toBe(seen.at(-1)!.totalBytes);
    expect(seen.at(-1)!.totalBytes).toBe(22 + 152 + 2 * holding("a").length);
  });

  it("goes on where a connection broke", async () => {
    server.cut = { after: 40, times: 3 };
    await fetchModel("hf:owner/name");
    const ranges = server.requests.filter(({ host, range }) => host === "cdn" && range !== undefined);
    expect(ranges.map(({ range }) => range)).toContain("bytes=40-");
    expect(readFileSync(cached("blobs", sha256(holding("b"))))).toEqual(Buffer.from(holding("b")));
  });

  it("gives up when nothing comes any more, keeps what came, and goes on in the next run", async () => {
    server.files.delete("tokenizer.json");
    const [bytes, etag] = [holding("a"), sha256(holding("a"))];
    server.cut = { after: 40, times: 1 };
    server.intercept = (request, response, host) => {
      if (host !== "cdn" || request.headers.range === undefined) return false;
      response.destroy();
      return true;
    };
    const failed = fetchModel(`hf:owner/name:${FIRST}`);
    await expect(failed).rejects.toMatchObject({ code: "hub/interrupted", facts: { found: 40 } });
    expect(readFileSync(cached("blobs", `${etag}.incomplete`))).toEqual(Buffer.from(bytes.subarray(0, 40)));
    delete server.intercept;
    server.requests.length = 0;
    const path = await fetchModel(`hf:owner/name:${FIRST}`);
    expect(readFileSync(path)).toEqual(Buffer.from(bytes));
    expect(server.requests.find(({ host }) => host === "cdn")!.range).toBe("bytes=40-");
    expect(existsSync(cached("blobs", `${etag}.incomplete`))).toBe(false);
  });

  it("starts over where the server knows no ranges", async () => {
    server.files.delete("tokenizer.json");
    server.cut = { after: 40, times: 1 };
    server.intercept = (request) => {
      delete request.headers.range;
      return false;
    };
    const path = await fetchModel(`hf:owner/name:${FIRST}`);
    expect(readFileSync(path)).toEqual(Buffer.from(holding("a")));
  });

  it("tries again when a connection stalls", async () => {
    server.files.delete("tokenizer.json");
    let stalled = 0;
    server.intercept = (_request, response, host) => {
      if (host !== "cdn" || stalled++ > 0) return false;
      response.writeHead(200, { "content-length": holding("a").length });
      response.write("x".slice(1));
      return true;
    };
    const path = await fetchModel(`hf:owner/name:${FIRST}`, { stallMs: 100 });
    expect(readFileSync(path)).toEqual(Buffer.from(holding("a")));
  });

  it("ends by a signal, with a partial file that the next run goes on with", async () => {
    server.files.delete("tokenizer.json");
    const controller = new AbortController();
    server.intercept = (_request, response, host) => {
      if (host !== "cdn") return false;
      response.writeHead(200, { "content-length": holding("a").length });
      response.write(holding("a").subarray(0, 30));
      return true;
    };
    const running = fetchModel(`hf:owner/name:${FIRST}`, {
      signal: controller.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes >= 30) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "hub/aborted" });
    delete server.intercept;
    await fetchModel(`hf:owner/name:${FIRST}`);
    expect(server.requests.at(-1)).toMatchObject({ host: "cdn", range: "bytes=30-" });
  });

  it("refuses a file that changed on the server, and removes what does not belong together", async () => {
    server.files.delete("tokenizer.json");
    server.cut = { after: 40, times: 1 };
    let changes = 0;
    server.intercept = (request, response, host) => {
      if (host !== "hub" || !request.url!.includes(FIRST) || changes++ === 0) return false;
      response.writeHead(200, { etag: `"${"0".repeat(64)}"` });
      response.end("other bytes");
      return true;
    };
    await expect(fetchModel(`hf:owner/name:${FIRST}`)).rejects.toMatchObject({ code: "hub/file-changed" });
    expect(existsSync(cached("blobs", `${sha256(holding("a"))}.incomplete`))).toBe(false);
  });

  const lies: [string, (response: Parameters<NonNullable<HubServer["intercept"]>>[1]) => void][] = [
    ["another length", (response) => response.writeHead(200, { "content-length": 7 }).end("1234567")],
    ["another total", (response) => response.writeHead(206, { "content-range": "bytes 0-1/7" }).end("12")],
    ["more bytes than it has", (response) => response.writeHead(200).end("x".repeat(1000))],
    ["another commit", (response) => response.writeHead(200, { "x-repo-commit": "f".repeat(40) }).end(holding("a"))],
  ];
  it.each(lies)("refuses %s: hub/file-changed", async (_, lie) => {
    server.intercept = (request, response, host) => {
      if (host !== "hub" || !request.url!.includes(FIRST)) return false;
      lie(response);
      return true;
    };
    await expect(fetchModel(`hf:owner/name:${FIRST}`)).rejects.toMatchObject({ code: "hub/file-changed" });
  });

  it("refuses other bytes of the right length, and removes them", async () => {
    for (const name of ["tokenizer.json", "config.json"]) server.files.delete(name);
    server.intercept = (_request, response, host) => {
      if (host === "cdn") response.writeHead(200).end("x".repeat(holding("a").length));
      return host === "cdn";
    };
    await expect(fetchModel(`hf:owner/name:${FIRST}`)).rejects.toMatchObject({ code: "hub/damaged" });
    expect(readdirSync(cached("blobs"))).toEqual([]);
  });

  it("takes over what huggingface_hub has downloaded", async () => {
    await fetchModel(`hf:owner/name:${FIRST}`);
    rmSync(cached("snapshots"), { recursive: true });
    server.requests.length = 0;
    await fetchModel(`hf:owner/name:${FIRST}`);
    expect(asked("cdn")).toEqual([]);
  });

  it("asks a mirror that lists no sizes for them", async () => {
    server.listsSizes = false;
    await fetchModel("hf:owner/name");
    expect(server.requests.some(({ method }) => method === "HEAD")).toBe(true);
    expect(readdirSync(cached("snapshots", COMMIT))).toHaveLength(5);
  });

  it("uses the cache offline, and when nobody answers, with a notice", async () => {
    const path = await fetchModel("hf:owner/name");
    const offline = { ...settings, isOffline: true };
    server.requests.length = 0;
    expect(await fetchModel("hf:owner/name", { settings: offline })).toBe(path);
    expect(server.requests).toEqual([]);
    const notices: string[] = [];
    const unreachable = { ...settings, endpoint: "http://127.0.0.1:1" };
    expect(
      await fetchModel("hf:owner/name", { settings: unreachable, onNotice: (notice) => notices.push(notice) }),
    ).toBe(path);
    expect(notices).toEqual([expect.stringMatching(/127\.0\.0\.1:1.*no answer.*snapshots/)]);
    rmSync(join(path, SECOND));
    await expect(fetchModel("hf:owner/name", { settings: offline })).rejects.toMatchObject({ code: "hub/offline" });
    await expect(fetchModel("hf:owner/other", { settings: offline })).rejects.toMatchObject({ code: "hub/offline" });
    await expect(fetchModel("hf:owner/other", { settings: unreachable })).rejects.toMatchObject({
      code: "hub/unreachable",
    });
  });

  it("does not trust a path in the list of files", async () => {
    for (const name of ["../escape", "a/../../b", "/etc/passwd", "a\\b", "a//b", "", "c:d", "a\u0000b"]) {
      server.files.clear();
      server.files.set(name, holding("a"));
      await expect(fetchModel("hf:owner/name")).rejects.toMatchObject({ code: "hub/unsafe-name" });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("does not trust a path in an index", async () => {
    server.files.set("model.safetensors.index.json", textBytes('{"weight_map":{"a":"../../x.safetensors"}}'));
    await expect(fetchModel("hf:owner/name")).rejects.toMatchObject({ code: "safetensors/index-path-escape" });
    server.commit = COMMIT.replace("0", "f");
    server.files.set("model.safetensors.index.json", textBytes('{"weight_map":{"a":"gone.safetensors"}}'));
    await expect(fetchModel("hf:owner/name")).rejects.toMatchObject({ code: "hub/no-such-file" });
  });

  const answers: [
    string,
    string,
    (sent: (body: string, status?: number, headers?: Record<string, string>) => void) => void,
  ][] = [
    ["no JSON", "hub/bad-answer", (send) => send("<html>")],
    ["an array", "hub/bad-answer", (send) => send("[]")],
    ["no commit", "hub/bad-answer", (send) => send('{"siblings":[]}')],
    ["a commit that is a path", "hub/bad-answer", (send) => send('{"sha":"../../x","siblings":[]}')],
    ["no files", "hub/bad-answer", (send) => send(`{"sha":"${COMMIT}"}`)],
    ["a file without name", "hub/bad-answer", (send) => send(`{"sha":"${COMMIT}","siblings":[{}]}`)],
    ["an empty repository", "hub/no-model", (send) => send(`{"sha":"${COMMIT}","siblings":[]}`)],
    ["an error", "hub/status", (send) => send("", 503)],
    ["a redirect in a circle", "hub/unsafe-redirect", (send) => send("", 302, { location: "/api/again" })],
    ["a redirect to a file", "hub/unsafe-redirect", (send) => send("", 302, { location: "file:///etc/passwd" })],
    ["a redirect to nowhere", "hub/unsafe-redirect", (send) => send("", 302)],
  ];
  it.each(answers)("refuses %s: %s", async (_, code, answer) => {
    server.intercept = (_request, response) => {
      answer((body, status = 200, headers = {}) => response.writeHead(status, headers).end(body));
      return true;
    };
    await expect(fetchModel("hf:owner/name")).rejects.toMatchObject({ code });
  });

  it("does not leave an encrypted connection", async () => {
    const fetchOnce = async () => new Response(null, { status: 302, headers: { location: "http://hub.test/x" } });
    const encrypted = { ...settings, endpoint: "https://hub.test", fetch: fetchOnce as unknown as typeof fetch };
    await expect(fetchModel("hf:owner/name", { settings: encrypted })).rejects.toMatchObject({
      code: "hub/unsafe-redirect",
    });
  });

  it("says what is wrong with the name, the revision, the token or the access", async () => {
    await expect(fetchModel("hf:owner/other")).rejects.toMatchObject({ code: "hub/not-found" });
    await expect(fetchModel("hf:owner/name@nope")).rejects.toMatchObject({ code: "hub/no-revision" });
    await expect(fetchModel("hf:owner/name:nope.gguf")).rejects.toMatchObject({ code: "hub/no-such-file" });
    server.token = "right";
    await expect(fetchModel("hf:owner/name")).rejects.toMatchObject({ code: "hub/not-found" });
    const wrong = { ...settings, token: "wrong" };
    const refused = await fetchModel("hf:owner/name", { settings: wrong }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "hub/unauthorized" });
    expect(JSON.stringify(refused) + String(refused)).not.toContain("wrong");
    delete server.token;
    server.isGated = true;
    await expect(fetchModel("hf:owner/name")).rejects.toMatchObject({ code: "hub/gated" });
  });

  it("keeps a damaged cache from being a path to elsewhere", async () => {
    await fetchModel("hf:owner/name");
    writeFileSync(cached("refs", "main"), "../../../elsewhere");
    await expect(fetchModel("hf:owner/name", { settings: { ...settings, isOffline: true } })).rejects.toMatchObject({
      code: "hub/offline",
    });
  });
});

describe("fetchHubModel, GGUF", () => {
  const parts = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"];
  beforeEach(() =>
    start({
      "a-Q4_0.gguf": oneTensorGguf({}, { dataBytes: 320 }),
      "sub/b.gguf": oneTensorGguf(),
      "config.json": textBytes("{}"),
      [parts[0]!]: new Uint8Array(200),
      [parts[1]!]: new Uint8Array(201),
    }),
  );
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("asks which one where there are several, by names that can be copied", async () => {
    await expect(fetchModel("hf:owner/name@refs/pr/1")).rejects.toMatchObject({
      code: "hub/choose-file",
      message: expect.stringContaining("hf:owner/name@refs/pr/1:a-Q4_0.gguf"),
    });
  });

  it("downloads the file that was named, alone, or every part of it", async () => {
    const path = await fetchModel("hf:owner/name:a-Q4_0.gguf");
    expect(path).toBe(cached("snapshots", COMMIT, "a-Q4_0.gguf"));
    expect(readdirSync(cached("snapshots", COMMIT))).toEqual(["a-Q4_0.gguf"]);
    expect(await fetchModel("hf:owner/name:sub/b.gguf")).toBe(cached("snapshots", COMMIT, "sub", "b.gguf"));
    expect(await fetchModel(`hf:owner/name:${parts[1]}`)).toBe(cached("snapshots", COMMIT, parts[0]!));
    expect(readdirSync(cached("snapshots", COMMIT)).filter((name) => name.startsWith("m-"))).toEqual(parts);
    server.files.delete(parts[1]!);
    await expect(fetchModel(`hf:owner/name:${parts[0]}`)).rejects.toMatchObject({ code: "hub/no-such-file" });
  });

  it("takes the only one without a name", async () => {
    for (const name of ["sub/b.gguf", ...parts]) server.files.delete(name);
    expect(await fetchModel("hf:owner/name")).toBe(cached("snapshots", COMMIT, "a-Q4_0.gguf"));
  });
});
