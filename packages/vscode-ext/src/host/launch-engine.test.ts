import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { FromEngine } from "../protocol/engine-link.js";
import type { EngineProcess } from "./engine-process.js";
import { settle } from "./fake-engine.fixture.js";
import { launchEngineProcess } from "./launch-engine-process.js";
import { launchEngineWorker } from "./launch-engine-worker.js";

function launchText(text: string): { engine: EngineProcess; messages: FromEngine[]; ends: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "lowbit-engine-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "engine.mjs");
  writeFileSync(path, text);
  const messages: FromEngine[] = [];
  const ends: string[] = [];
  const engine = launchEngineProcess(path)({
    onMessage: (message) => messages.push(message),
    onEnd: (reason) => ends.push(reason),
  });
  return { engine, messages, ends };
}

const ECHO = `process.on("message", (message) => process.send({ kind: "result", id: message.id, result: message.params }));
process.send({ kind: "ready" });`;

describe("launchEngineProcess", () => {
  it("passes typed arrays both ways, and ends once", async () => {
    const { engine, messages, ends } = launchText(ECHO);
    const params = { values: new Float32Array([1, Number.NaN]) };
    engine.post({ kind: "request", id: 3, model: 1, name: "any", params });
    await expect
      .poll(() => messages, { timeout: 20_000 })
      .toEqual([{ kind: "ready" }, { kind: "result", id: 3, result: params }]);
    engine.stop();
    await expect.poll(() => ends, { timeout: 20_000 }).toEqual(["it ended with SIGTERM."]);
    engine.post({ kind: "cancel", id: 3 });
  });

  it("tells how a broken engine ended", async () => {
    const { ends } = launchText(`throw new Error("no good");`);
    await expect.poll(() => ends.length, { timeout: 20_000 }).toBe(1);
    expect(ends[0]).toMatch(/^it ended with code 1\. [\s\S]*no good/);
  });
});

class FakeWorker {
  static readonly all: FakeWorker[] = [];
  readonly posted: { kind: string }[] = [];
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onerror: ((event: { message: string }) => void) | undefined;
  isTerminated = false;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(message: { kind: string }): void {
    this.posted.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

describe("launchEngineWorker", () => {
  const configure = {
    kind: "configure",
    settings: { backend: "auto", memoryLimitBytes: 1, outlierRule: { kind: "sigma", factor: 6 } },
  } as const;

  it("makes a worker of the bundle, hands over what was said before, and the kernels that there are", async () => {
    vi.stubGlobal("Worker", FakeWorker);
    const read: string[] = [];
    const engine = launchEngineWorker(async (file) => {
      read.push(file);
      if (file === "kernels/simd128.wasm") throw new Error("missing");
      return new Uint8Array([1]);
    })({ onMessage: () => {}, onEnd: () => {} });
    engine.post(configure);
    await settle();
    expect(read).toEqual(["engine.web.js", "kernels/relaxed-simd.wasm", "kernels/simd128.wasm"]);
    expect(FakeWorker.all.at(-1)?.posted).toEqual([
      configure,
      { kind: "kernels", modules: [{ variant: "relaxed-simd", bytes: new Uint8Array([1]) }] },
    ]);
    vi.unstubAllGlobals();
  });

  it("tells once when the worker fails, and when its bundle cannot be read", async () => {
    vi.stubGlobal("Worker", FakeWorker);
    const ends: string[] = [];
    const onEnd = (reason: string): void => void ends.push(reason);
    launchEngineWorker(async () => new Uint8Array())({ onMessage: () => {}, onEnd });
    await settle();
    FakeWorker.all.at(-1)?.onerror?.({ message: "out of memory" });
    FakeWorker.all.at(-1)?.onerror?.({ message: "again" });
    launchEngineWorker(async () => Promise.reject(new Error("offline")))({ onMessage: () => {}, onEnd });
    await settle();
    expect(ends).toEqual(["out of memory", "Error: offline"]);
    expect(FakeWorker.all.at(-1)?.isTerminated).toBe(true);
    vi.unstubAllGlobals();
  });
});
