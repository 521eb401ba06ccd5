import { beforeEach, describe, expect, it } from "vitest";
import * as vscode from "vscode";
import { createEngineConnection } from "./engine-connection.js";
import { createFakeEngines, settle, TEST_ENGINE_SETTINGS } from "./fake-engine.fixture.js";
import { createHostAnswers } from "./host-answers.js";
import { ModelDocument } from "./model-document.js";
import type { HostAnswers } from "./model-editor-provider.js";
import { desk, files, resetDesk, Uri } from "./vscode.fixture.js";

const context = { signal: new AbortController().signal, progress: () => {} };
const query = { sort: "name", descending: false, filter: "", tree: true, foldEqual: true, unfolded: "all" } as const;
const text = (path: string): string => new TextDecoder().decode(files.get(path)?.bytes);

function prepare(): { engines: ReturnType<typeof createFakeEngines>; answers: HostAnswers; opened: unknown[] } {
  const engines = createFakeEngines();
  const engine = createEngineConnection({ launch: engines.launch, settings: TEST_ENGINE_SETTINGS, log: () => {} });
  const document = new ModelDocument(vscode.Uri.file("/m/a.gguf"), engine, () => ({
    hasDisk: true,
    maximumVirtualBytes: 1,
  }));
  const opened: unknown[] = [];
  const answers = createHostAnswers(document, {
    quantize: async (_document, settings) => ({ output: settings.output }),
    openModel: async (...given) => void opened.push(given),
    pickCheckpoint: async () => undefined,
  });
  return { engines, answers, opened };
}

describe("host answers", () => {
  beforeEach(resetDesk);

  it("writes nothing and asks the engine nothing when no place was chosen", async () => {
    const { engines, answers } = prepare();
    expect(await answers["host/save"]({ fileName: "a.png", content: "x" }, context)).toEqual({});
    expect(await answers["host/export-layers"]({ ...query, format: "csv" }, context)).toEqual({});
    expect(await answers["host/pick-output"]({ suggestion: "a-q4" }, context)).toEqual({});
    expect(await answers["host/pick-checkpoint"]({}, context)).toEqual({});
    expect([files.size, engines.posted.length]).toEqual([0, 0]);
  });

  it("saves text and bytes", async () => {
    const { answers } = prepare();
    desk.saveTarget = Uri.file("/out/a.txt");
    expect(await answers["host/save"]({ fileName: "a.txt", content: "größer" }, context)).toEqual({
      path: "/out/a.txt",
    });
    expect(text("/out/a.txt")).toBe("größer");
    await answers["host/save"]({ fileName: "a.png", content: new Uint8Array([137, 80]) }, context);
    expect([...(files.get("/out/a.txt")?.bytes ?? [])]).toEqual([137, 80]);
  });

  it("exports tables from the engine to the file, not through the page", async () => {
    const { engines, answers } = prepare();
    desk.saveTarget = Uri.file("/out/layers.csv");
    const answer = answers["host/export-layers"]({ ...query, format: "csv" }, context);
    await settle();
    const [asked] = engines.requests();
    expect(asked).toMatchObject({ name: "layers/export", params: { format: "csv" } });
    engines.latest().onMessage({ kind: "result", id: asked?.id ?? 0, result: { text: "name,bytes\n", lines: 1 } });
    expect(await answer).toEqual({ path: "/out/layers.csv" });
    expect(text("/out/layers.csv")).toBe("name,bytes\n");
  });

  it("passes a failed export on, and writes no file", async () => {
    const { engines, answers } = prepare();
    desk.saveTarget = Uri.file("/out/comparison.json");
    const answer = answers["host/export-comparison"]({ format: "json" }, context);
    answer.catch(() => {});
    await settle();
    const failure = { code: "engine/nothing-compared", message: "m" };
    engines.latest().onMessage({ kind: "failure", id: engines.requests()[0]?.id ?? 0, failure });
    await expect(answer).rejects.toMatchObject({ failure });
    expect(files.size).toBe(0);
  });

  it("copies, opens models and settings, hands quantizing over", async () => {
    const { answers, opened } = prepare();
    await answers["host/copy"]({ text: "name" }, context);
    await answers["host/open-model"]({ path: "/b", compareWith: "/m/a.gguf" }, context);
    const settings = { method: "rtn", options: {}, output: "/o", keep: [], force: false };
    expect(await answers["host/quantize"](settings, context)).toEqual({ output: "/o" });
    expect(desk.clipboard).toBe("name");
    expect(opened).toEqual([["/b", "/m/a.gguf"]]);
    expect(desk.commands).toEqual([]);
  });
});
