import { beforeEach, describe, expect, it } from "vitest";
import * as vscode from "vscode";
import { createEngineConnection } from "./engine-connection.js";
import { createFakeEngines, type FakeEngines, settle, TEST_ENGINE_SETTINGS } from "./fake-engine.fixture.js";
import { ModelDocument } from "./model-document.js";
import { formatDuration, progressMessage, quantizeModel, whyNotQuantize } from "./quantize-model.js";
import { desk, resetDesk } from "./vscode.fixture.js";

const SETTINGS = { method: "rtn", options: { bits: 4 }, output: "/out", keep: [], force: false };

interface Run {
  readonly engines: FakeEngines;
  readonly lines: string[];
  readonly opened: string[][];
  readonly answer: Promise<{ readonly output?: string }>;
  readonly document: ModelDocument;
}

async function begin(uri: vscode.Uri = vscode.Uri.file("/models/m.safetensors")): Promise<Run> {
  const engines = createFakeEngines();
  const engine = createEngineConnection({ launch: engines.launch, settings: TEST_ENGINE_SETTINGS, log: () => {} });
  const document = new ModelDocument(uri, engine, () => ({ hasDisk: true, maximumVirtualBytes: 1 }));
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = { info: write, error: write, debug: write } as unknown as vscode.LogOutputChannel;
  const opened: string[][] = [];
  const openResult = async (...given: string[]): Promise<void> => void opened.push(given);
  const page = new AbortController();
  document.onDidDispose(() => page.abort());
  const answer = quantizeModel(document, SETTINGS, { engine, log, hasDisk: true, openResult }, page.signal);
  answer.catch(() => {});
  await settle();
  return { engines, lines, opened, answer, document };
}

const idOf = ({ engines }: Run): number => engines.requests()[0]?.id ?? -1;

describe("quantizeModel", () => {
  beforeEach(resetDesk);

  it("shows how far it is, logs, and opens the result beside the original", async () => {
    const run = await begin();
    const { engines } = run;
    expect(engines.requests()).toMatchObject([{ name: "quantize/run", params: SETTINGS }]);
    const id = idOf(run);
    const progress = (done: number, etaSeconds?: number) =>
      engines.latest().onMessage({ kind: "progress", id, progress: { label: `w${done}`, done, total: 4, etaSeconds } });
    progress(1);
    progress(3, 120);
    progress(2, 60);
    expect(desk.reports).toEqual([
      { message: "w1 — 25%", increment: 25 },
      { message: "w3 — 75%, about 2 min left", increment: 50 },
      { message: "w2 — 50%, about 60 s left", increment: 0 },
    ]);
    const result = { output: "/out", seconds: 3, bitsPerWeight: 4.5, sqnrDb: 20.1, quantizedTensors: 4 };
    engines.latest().onMessage({ kind: "result", id, result });
    expect(await run.answer).toEqual({ output: "/out" });
    expect(run.opened).toEqual([["/out", "/models/m.safetensors"]]);
    expect(run.lines.at(-1)).toMatch(/\/out: 4 tensors, 4.500 bits per weight/);
    expect(engines.posted[0]?.at(-1)?.kind).toBe("close-model");
  });

  it("cancelling the notification cancels the run and answers without an output", async () => {
    const run = await begin();
    desk.cancelProgress?.();
    expect(await run.answer).toEqual({});
    expect(run.engines.posted[0]?.map(({ kind }) => kind).slice(-2)).toEqual(["cancel", "close-model"]);
    expect(run.opened).toEqual([]);
    expect(run.lines.at(-1)).toMatch(/cancelled/);
  });

  it("goes on when the editor is closed", async () => {
    const run = await begin();
    run.document.dispose();
    const result = { output: "/out", seconds: 3, bitsPerWeight: 4.5, sqnrDb: 20.1, quantizedTensors: 4 };
    run.engines.latest().onMessage({ kind: "result", id: idOf(run), result });
    expect(await run.answer).toEqual({ output: "/out" });
  });

  it("logs a failure and passes it on", async () => {
    const run = await begin();
    const failure = { code: "output/exists", message: "/out exists" };
    run.engines.latest().onMessage({ kind: "failure", id: idOf(run), failure });
    await expect(run.answer).rejects.toMatchObject({ failure });
    expect(run.lines.at(-1)).toBe("output/exists: /out exists");
  });

  it("shows a failure itself when no page waits for it", async () => {
    const run = await begin();
    run.document.dispose();
    const failure = { code: "output/exists", message: "[/out](command:x) exists" };
    run.engines.latest().onMessage({ kind: "failure", id: idOf(run), failure });
    await expect(run.answer).rejects.toMatchObject({ failure });
    expect(desk.errors).toEqual(["[/out] (command:x) exists"]);
  });

  it("asks nothing in an untrusted workspace, and of a model on a server", async () => {
    desk.isTrusted = false;
    const untrusted = await begin();
    await expect(untrusted.answer).rejects.toMatchObject({ code: "host/cannot-quantize" });
    desk.isTrusted = true;
    const remote = await begin(vscode.Uri.parse("https://a.example/m.gguf"));
    await expect(remote.answer).rejects.toMatchObject({ code: "host/cannot-quantize" });
    expect([...untrusted.engines.posted, ...remote.engines.posted]).toEqual([]);
  });

  it("tells why: no disk, no trust, no path; nothing where it can", async () => {
    const { document } = await begin();
    expect(whyNotQuantize(true, document)).toBeUndefined();
    expect(whyNotQuantize(false, document)).toMatch(/browser/);
    desk.isTrusted = false;
    expect(whyNotQuantize(true, document)).toMatch(/not trusted/);
  });
});

describe("progress", () => {
  it("leaves the time out while it is unknown", () => {
    expect(progressMessage({ label: "w", done: 0, total: 9 })).toBe("w — 0%");
    expect(progressMessage({ label: "w", done: 0, total: 9, etaSeconds: Number.NaN })).toBe("w — 0%");
  });

  it.each([
    [0.1, "1 s"],
    [89, "89 s"],
    [90, "2 min"],
    [3600, "60 min"],
    [7260, "2 h 1 min"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
