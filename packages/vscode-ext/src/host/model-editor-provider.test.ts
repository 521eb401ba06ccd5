import { beforeEach, describe, expect, it } from "vitest";
import * as vscode from "vscode";
import type { ModelOverview } from "../protocol/overview-messages.js";
import { HOST_REQUEST_NAMES, VALID_PARAMS } from "../protocol/request-examples.fixture.js";
import { createEngineConnection } from "./engine-connection.js";
import { createFakeEngines, type FakeEngines, settle, TEST_ENGINE_SETTINGS } from "./fake-engine.fixture.js";
import { createFakePanel, type FakePanel } from "./fake-panel.fixture.js";
import type { ModelDocument } from "./model-document.js";
import { type HostAnswers, ModelEditorProvider } from "./model-editor-provider.js";
import { OpenEditors } from "./open-editors.js";
import { changes, configurationChanges, desk, files, resetDesk, trustGrants } from "./vscode.fixture.js";

interface Editor extends FakePanel {
  readonly engines: FakeEngines;
  readonly editors: OpenEditors;
  readonly document: ModelDocument;
  readonly overviews: ModelOverview[];
  readonly provider: ModelEditorProvider;
}

function openEditor(
  uri: vscode.Uri = vscode.Uri.file("/m/model.safetensors"),
  before?: (editors: OpenEditors) => void,
): Editor {
  const engines = createFakeEngines();
  const editors = new OpenEditors();
  const overviews: ModelOverview[] = [];
  before?.(editors);
  const provider = new ModelEditorProvider({
    extensionUri: vscode.Uri.file("/extension"),
    engine: createEngineConnection({ launch: engines.launch, settings: TEST_ENGINE_SETTINGS, log: () => {} }),
    editors,
    platform: { hasDisk: true, createLauncher: () => engines.launch },
    limits: () => ({ hasDisk: true, maximumVirtualBytes: 10 }),
    answersFor: () =>
      Object.fromEntries(
        HOST_REQUEST_NAMES.map((name) => [name, async () => ({ answered: name })]),
      ) as unknown as HostAnswers,
    onOverview: (_document, overview) => overviews.push(overview),
  });
  const document = provider.openCustomDocument(uri);
  const panel = createFakePanel();
  provider.resolveCustomEditor(document, panel.panel);
  return { ...panel, engines, editors, document, overviews, provider };
}

const request = (id: number, name: string, params: unknown = {}) => ({ kind: "request", id, name, params });
const placeOf = (html: string | undefined): string => /weight&quot;:&quot;(\w+)/.exec(html ?? "")?.[1] ?? "none";

describe("ModelEditorProvider", () => {
  beforeEach(resetDesk);

  it("passes requests to the engine, with progress and result, whatever they hold", async () => {
    const { say, told, engines } = openEditor();
    say(request(7, "tensor/facts", { name: "w" }));
    await settle();
    const [asked] = engines.requests();
    expect(asked).toMatchObject({ model: 1, name: "tensor/facts", params: { name: "w" } });
    const values = new Float32Array([1, 2]);
    engines.latest().onMessage({ kind: "progress", id: asked?.id ?? 0, progress: { values } });
    engines.latest().onMessage({ kind: "result", id: asked?.id ?? 0, result: { values } });
    await settle();
    expect(told).toEqual([
      { kind: "progress", id: 7, progress: { values } },
      { kind: "result", id: 7, result: { values } },
    ]);
  });

  it("packs numbers that JSON has not", async () => {
    const { say, told, engines } = openEditor();
    say(request(1, "compare/weights", VALID_PARAMS["compare/weights"]));
    await settle();
    const result = { overall: { sqnrDb: Number.POSITIVE_INFINITY } };
    engines.latest().onMessage({ kind: "result", id: engines.requests()[0]?.id ?? 0, result });
    await settle();
    expect(told).toEqual([{ kind: "result", id: 1, result: { overall: { sqnrDb: { $number: "Infinity" } } } }]);
  });

  it.each(HOST_REQUEST_NAMES)("%s is answered by the host", async (name) => {
    const { say, told, engines } = openEditor();
    say(request(1, name, VALID_PARAMS[name]));
    await settle();
    expect(told).toEqual([{ kind: "result", id: 1, result: { answered: name } }]);
    expect(engines.requests()).toEqual([]);
  });

  it("refuses bad params, unknown names, and a run that the host would not see", async () => {
    const { say, told, engines } = openEditor();
    say(request(1, "tensor/facts", { name: 3 }));
    say(request(2, "eval", {}));
    say(request(3, "quantize/run", VALID_PARAMS["quantize/run"]));
    say("nonsense");
    await settle();
    expect(told.map((reply) => ("failure" in reply ? reply.failure.code : reply.kind))).toEqual([
      "protocol/invalid-params",
      "protocol/unknown-request",
      "protocol/unknown-request",
    ]);
    expect(engines.requests()).toEqual([]);
  });

  it("cancels in the engine what the page cancels", async () => {
    const { say, told, engines } = openEditor();
    say(request(1, "compare/run"));
    await settle();
    say({ kind: "cancel", id: 1 });
    await settle();
    expect(told).toMatchObject([{ kind: "failure", id: 1, failure: { code: "protocol/cancelled" } }]);
    expect(engines.posted[0]?.at(-1)?.kind).toBe("cancel");
  });

  it("tells what the overview said", async () => {
    const { say, engines, overviews } = openEditor();
    say(request(1, "model/overview"));
    await settle();
    const overview = { state: "broken", name: "m", problems: [] };
    engines.latest().onMessage({ kind: "result", id: engines.requests()[0]?.id ?? 0, result: overview });
    await settle();
    expect(overviews).toEqual([overview]);
  });

  it("when the tab is hidden: cancels, answers nothing, and the page begins anew where it stood", async () => {
    const editor = openEditor(
      undefined,
      (editors) => void editors.open(vscode.Uri.file("/m/model.safetensors"), { page: "tensor", weight: "first" }),
    );
    expect(placeOf(editor.pages.at(-1))).toBe("first");
    editor.say(request(1, "compare/run"));
    await settle();
    editor.setVisible(false);
    await settle();
    expect(editor.told).toEqual([]);
    expect(editor.engines.posted[0]?.at(-1)?.kind).toBe("cancel");
    expect(editor.pages).toHaveLength(2);
    expect(placeOf(editor.pages.at(-1))).toBe("none");
  });

  it("a command leads a visible page by an event, a hidden one by its first state", () => {
    const { editors, told, pages, setVisible, document } = openEditor();
    const place = { page: "tensor", weight: "second" } as const;
    void editors.open(document.uri, place);
    expect(told).toEqual([{ kind: "event", event: "show", place }]);
    setVisible(false);
    void editors.open(document.uri, place);
    expect(placeOf(pages.at(-1))).toBe("second");
    expect(desk.commands).toEqual([]);
  });

  it("opens what is not open, once, in this editor", async () => {
    const { editors } = openEditor();
    const other = vscode.Uri.file("/m/other.gguf");
    await editors.open(other, { page: "compare", compareWith: "/m/model.safetensors" });
    expect(desk.commands).toEqual([["vscode.openWith", other, "lowbit.model", undefined]]);
    expect(editors.takePlace(other)).toEqual({ page: "compare", compareWith: "/m/model.safetensors" });
    expect(editors.takePlace(other)).toBeUndefined();
  });

  it("tells every page of a document when the file changed, and opens it anew", async () => {
    files.set("/m/model.safetensors", { bytes: new Uint8Array(4), mtime: 1 });
    const editor = openEditor();
    const second = createFakePanel();
    editor.provider.resolveCustomEditor(editor.document, second.panel);
    editor.say(request(1, "model/overview"));
    await settle();
    const hint = vscode.Uri.file("/m/model.safetensors") as never;
    changes.fire(hint);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(editor.told).toEqual([]);
    files.set("/m/model.safetensors", { bytes: new Uint8Array(5), mtime: 2 });
    changes.fire(hint);
    changes.fire(hint);
    await expect.poll(() => editor.told).toEqual([{ kind: "event", event: "file-changed" }]);
    expect(second.told).toEqual([{ kind: "event", event: "file-changed" }]);
    files.delete("/m/model.safetensors");
    changes.fire(hint);
    await expect.poll(() => editor.told).toHaveLength(2);
    editor.say(request(2, "model/overview"));
    await settle();
    expect(editor.engines.sources()).toHaveLength(2);
    editor.document.dispose();
  });

  it("tells a visible page of new settings, and makes a hidden one anew", () => {
    const { told, pages, setVisible } = openEditor();
    configurationChanges.fire({ affectsConfiguration: (section) => section === "editor" });
    expect(told).toEqual([]);
    configurationChanges.fire({ affectsConfiguration: (section) => section === "lowbit" });
    expect(told).toMatchObject([{ kind: "event", event: "settings-changed", settings: { mapColors: "theme" } }]);
    setVisible(false);
    const before = pages.length;
    configurationChanges.fire({ affectsConfiguration: (section) => section === "lowbit" });
    expect(pages).toHaveLength(before + 1);
  });

  it("says in an untrusted workspace why nothing is quantized, until it is trusted", () => {
    desk.isTrusted = false;
    const { pages } = openEditor();
    expect(pages.at(-1)).toContain("cannotQuantize");
    desk.isTrusted = true;
    trustGrants.fire();
    expect(pages.at(-1)).not.toContain("cannotQuantize");
  });

  it("describes a model that is too large for its file system as a page", async () => {
    files.set("/m/model.safetensors", { bytes: new Uint8Array(11), mtime: 1 });
    const { say, told } = openEditor(vscode.Uri.parse("memfs:/m/model.safetensors"));
    say(request(1, "model/overview"));
    say(request(2, "tensor/facts", { name: "w" }));
    await settle();
    expect(told).toMatchObject([
      { kind: "result", id: 1, result: { state: "broken", problems: [{ code: "host/too-large" }] } },
      { kind: "failure", id: 2, failure: { code: "host/too-large" } },
    ]);
  });

  it("a closed editor is forgotten and its requests are cancelled", async () => {
    const { say, close, editors, engines } = openEditor();
    say(request(1, "compare/run"));
    await settle();
    expect(editors.active).toBeDefined();
    close();
    expect(editors.active).toBeUndefined();
    expect(engines.posted[0]?.at(-1)?.kind).toBe("cancel");
  });
});
