import { beforeEach, describe, expect, it, vi } from "vitest";
import type * as vscode from "vscode";
import type { ModelOverview } from "../protocol/overview-messages.js";
import { createEngineConnection } from "./engine-connection.js";
import { createFakeEngines, type FakeEngines, settle, TEST_ENGINE_SETTINGS } from "./fake-engine.fixture.js";
import type { FoundModel } from "./find-models.js";
import { ModelsView, watchForModels } from "./models-view.js";
import { desk, files, resetDesk, workspace } from "./vscode.fixture.js";

function put(path: string, bytes: number): void {
  files.set(path, { bytes: new Uint8Array(bytes), mtime: 1 });
}

function createView(): { view: ModelsView; engines: FakeEngines; changed: (FoundModel | undefined)[] } {
  const engines = createFakeEngines();
  const engine = createEngineConnection({ launch: engines.launch, settings: TEST_ENGINE_SETTINGS, log: () => {} });
  const view = new ModelsView(engine, () => ({ hasDisk: true, maximumVirtualBytes: 1 }));
  const changed: (FoundModel | undefined)[] = [];
  view.onDidChangeTreeData((model) => changed.push(model));
  return { view, engines, changed };
}

async function answer(engines: FakeEngines, overview: Partial<ModelOverview>): Promise<void> {
  await settle();
  engines.latest().onMessage({ kind: "result", id: engines.requests().at(-1)?.id ?? 0, result: overview });
  await settle();
}

const line = (item: vscode.TreeItem): string => `${item.label} | ${item.description}`;

describe("ModelsView", () => {
  beforeEach(() => {
    resetDesk();
    desk.folders = ["/w"];
  });

  it("lists models at once, with size and bits per weight when they are known", async () => {
    put("/w/llama/model.safetensors.index.json", 24);
    put("/w/llama/model-00001-of-00001.safetensors", 1000);
    const { view, engines, changed } = createView();
    const [model] = await view.getChildren();
    if (model === undefined) throw new Error("no model was found");
    expect(line(view.getTreeItem(model))).toBe("llama | ");
    await answer(engines, { state: "open", storedBitsPerWeight: 4.127 });
    expect(changed).toEqual([model]);
    const item = view.getTreeItem(model);
    expect(line(item)).toBe("llama | 1.00 KiB · 4.127 bpw");
    expect(item.command?.arguments?.[0].path).toBe("/w/llama/model.safetensors.index.json");
    expect(engines.posted[0]?.at(-1)?.kind).toBe("close-model");
  });

  it("asks for one model after another, each once", async () => {
    put("/w/a.gguf", 1);
    put("/w/b.gguf", 2);
    const { view, engines } = createView();
    const models = await view.getChildren();
    for (const model of [...models, ...models]) view.getTreeItem(model);
    await settle();
    expect(engines.requests()).toHaveLength(1);
    await answer(engines, { state: "open", storedBitsPerWeight: 8 });
    expect(engines.requests()).toHaveLength(2);
    await answer(engines, { state: "open", storedBitsPerWeight: 8 });
    expect(engines.requests()).toHaveLength(2);
  });

  it("marks what is no model, and says why", async () => {
    put("/w/bad.safetensors", 3);
    const { view, engines } = createView();
    const [model] = await view.getChildren();
    if (model === undefined) throw new Error("no model was found");
    view.getTreeItem(model);
    const problem = { file: "bad.safetensors", code: "c", message: "The header is cut off.", remedy: "r" };
    await answer(engines, { state: "broken", problems: [problem] });
    const item = view.getTreeItem(model);
    expect(item.tooltip).toContain("The header is cut off.");
    expect(item.iconPath).toMatchObject({ id: "warning" });
  });

  it("asks anew after a refresh", async () => {
    put("/w/a.gguf", 1);
    const { view, engines } = createView();
    const [model] = await view.getChildren();
    if (model === undefined) throw new Error("no model was found");
    view.getTreeItem(model);
    await answer(engines, { state: "open", storedBitsPerWeight: 8 });
    view.refresh();
    view.getTreeItem(model);
    await answer(engines, { state: "open", storedBitsPerWeight: 2 });
    expect(line(view.getTreeItem(model))).toBe("a.gguf | 1 B · 2 bpw");
  });

  it("is empty without a folder", async () => {
    desk.folders = [];
    expect(await createView().view.getChildren()).toEqual([]);
  });
});

describe("watchForModels", () => {
  it("calls once for many files, and not after it was disposed", async () => {
    let created: () => void = () => {};
    vi.spyOn(workspace as typeof vscode.workspace, "createFileSystemWatcher").mockReturnValue({
      onDidCreate: (listener: () => void) => {
        created = listener;
        return { dispose: () => {} };
      },
      onDidDelete: () => ({ dispose: () => {} }),
      dispose: () => {},
    } as unknown as vscode.FileSystemWatcher);
    vi.useFakeTimers();
    let calls = 0;
    const watcher = watchForModels(() => {
      calls += 1;
    });
    for (let file = 0; file < 10; file++) created();
    vi.advanceTimersByTime(1000);
    created();
    watcher.dispose();
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    vi.restoreAllMocks();
    expect(calls).toBe(1);
  });
});
