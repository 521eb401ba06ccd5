import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMMIT, type HubServer, startHubServer } from "../../../core/src/node/hub/hub-server.fixture.js";
import { lowbit, requireBuild, startLowbit, TINY_LLAMA } from "../run-lowbit.fixture.js";

let server: HubServer;
let home: string;
const run = (...args: string[]) => lowbit(args, environment());
const environment = (): Record<string, string> => ({ HF_ENDPOINT: server.endpoint, HF_HOME: home, HF_TOKEN: "" });
const storedFiles = (): number => server.requests.filter(({ host }) => host === "cdn").length;

beforeAll(async () => {
  requireBuild();
  const files = readdirSync(TINY_LLAMA).map((name) => [name, new Uint8Array(readFileSync(join(TINY_LLAMA, name)))]);
  server = await startHubServer(Object.fromEntries(files) as Record<string, Uint8Array>);
});
afterAll(() => server.close());

// Each test starts commands; a busy machine takes seconds for one.
describe("hf:owner/name", { timeout: 120_000 }, () => {
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "lowbit-hf-"));
    server.requests.length = 0;
    return () => rmSync(home, { recursive: true });
  });

  it("inspect reads headers alone and keeps nothing", async () => {
    const { exitCode, stdout } = await run("inspect", "hf:owner/name", "--json");
    expect(exitCode).toBe(0);
    const listed = JSON.parse(stdout) as { weights: readonly { name: string }[] };
    expect(listed.weights.map(({ name }) => name)).toContain("model.embed_tokens.weight");
    const weights = server.requests.filter(({ host, path }) => host === "cdn" && path.endsWith(".safetensors"));
    expect(weights.length).toBeGreaterThan(0);
    for (const { range } of weights) expect(range).toMatch(/^bytes=[0-9]+-[0-9]{1,5}$/);
    expect(readdirSync(home)).toEqual([]);
    expect((await run("inspect", "hf:owner/name", "--validate")).exitCode).toBe(0);
  });

  it("other commands download once, then use the cache; compare takes two", async () => {
    const same = await run("compare", "hf:owner/name", TINY_LLAMA);
    expect(same).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("equal") });
    expect(storedFiles()).toBeGreaterThan(0);
    server.requests.length = 0;
    const again = await run("compare", TINY_LLAMA, "hf:owner/name@main");
    expect(again.exitCode).toBe(0);
    expect(storedFiles()).toBe(0);
    const snapshot = join(home, "hub", "models--owner--name", "snapshots", COMMIT);
    expect(readdirSync(snapshot)).toContain("config.json");
  });

  it("quantize carries the files beside the weights over", async () => {
    const out = join(home, "out");
    expect(await run("quantize", "hf:owner/name", out, "--method", "rtn")).toMatchObject({ exitCode: 0 });
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["config.json", "tokenizer.json"]));
  });

  it("convert takes the tokenizer beside the weights too", async () => {
    const out = join(home, "model.gguf");
    expect(await run("convert", "hf:owner/name", out, "--to", "gguf:BF16", "--threads", "1")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Exact"),
    });
    expect(storedFiles()).toBeGreaterThan(0);
    const fromDisk = join(home, "disk.gguf");
    expect(await run("convert", TINY_LLAMA, fromDisk, "--to", "gguf:BF16", "--threads", "1")).toMatchObject({
      exitCode: 0,
    });
    const compared = await run("compare", out, fromDisk, "--tolerance", "0");
    expect(compared).toMatchObject({ exitCode: 0 });
    const listed = await run("inspect", out, "--json");
    expect(listed.stdout).toContain("tokenizer.ggml.tokens");
  });

  it("evaluate takes it as the original too", async () => {
    const text = join(TINY_LLAMA, "sample.txt");
    const short = ["--text", text, "--context", "32", "--max-tokens", "64", "--json"];
    const { exitCode, stdout } = await run("evaluate", TINY_LLAMA, ...short, "--against", "hf:owner/name");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ against: { name: expect.stringContaining(COMMIT) } });
    expect(storedFiles()).toBeGreaterThan(0);
  });

  it("ends with an error code of its own", async () => {
    const { exitCode, stdout } = await run("stats", "hf:owner/other", "--json");
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "hub/not-found" } });
    expect((await run("stats", "hf:owner")).stderr).toContain("hub/invalid-id");
  });

  it("Ctrl-C keeps what came, and says how to go on", async () => {
    server.intercept = (request, response, host) => {
      const isWeights = host === "cdn" && request.url!.includes("safetensors");
      if (isWeights) response.writeHead(200).write(server.files.get("model.safetensors")!.subarray(0, 5000));
      return isWeights;
    };
    const running = startLowbit(["stats", "hf:owner/name"], environment());
    const blobs = join(home, "hub", "models--owner--name", "blobs");
    const partial = (): string | undefined =>
      tryList(blobs).find((name) => name.endsWith(".incomplete") && readFileSync(join(blobs, name)).length === 5000);
    let isOver = false;
    void running.ended.then(() => (isOver = true));
    while (partial() === undefined && !isOver) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill("SIGINT");
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain("the same command goes on");
    delete server.intercept;
    server.requests.length = 0;
    expect((await run("stats", "hf:owner/name")).exitCode).toBe(0);
    expect(server.requests.map(({ range }) => range)).toContain("bytes=5000-");
  });
});

function tryList(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
