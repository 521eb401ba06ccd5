import * as vscode from "vscode";
import { formatBits, formatBytes } from "../protocol/format-size.js";
import type { EngineConnection } from "./engine-connection.js";
import { type FoundModel, findModels, MODEL_FILES, sizeOf } from "./find-models.js";
import { parseModelAddress } from "./model-address.js";
import { findModelSource, type SourceLimits } from "./model-source.js";

interface Figures {
  bytes?: number;
  storedBitsPerWeight?: number;
  /** Why the model cannot be read. */
  problem?: string;
}

export const MODELS_VIEW = "lowbit.models";

/** The view in the activity bar: the models of the workspace with size and stored bits per weight, read one by one. */
export class ModelsView implements vscode.TreeDataProvider<FoundModel> {
  readonly #engine: EngineConnection;
  readonly #limits: () => SourceLimits;
  readonly #changed: vscode.EventEmitter<FoundModel | undefined> = new vscode.EventEmitter();
  readonly onDidChangeTreeData: vscode.Event<FoundModel | undefined> = this.#changed.event;
  readonly #figures: Map<string, Figures> = new Map();
  #queue: FoundModel[] = [];
  #isMeasuring = false;

  constructor(engine: EngineConnection, limits: () => SourceLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  refresh(): void {
    this.#figures.clear();
    this.#queue = [];
    this.#changed.fire(undefined);
  }

  async getChildren(parent?: FoundModel): Promise<FoundModel[]> {
    return parent === undefined ? findModels() : [];
  }

  getTreeItem(model: FoundModel): vscode.TreeItem {
    const key = model.uri.toString();
    const figures = this.#figures.get(key);
    if (figures === undefined) this.#enqueue(model);
    const item = new vscode.TreeItem(model.label);
    item.id = key;
    item.resourceUri = model.uri;
    item.iconPath = new vscode.ThemeIcon(figures?.problem === undefined ? "symbol-array" : "warning");
    item.description = [model.directory === model.label ? "" : model.directory, ...describe(figures)]
      .filter((part) => part !== "")
      .join(" · ");
    item.tooltip = [vscode.workspace.asRelativePath(model.uri), figures?.problem].filter(Boolean).join("\n");
    item.contextValue = this.#contextOf(model);
    item.command = { command: "lowbit.openModel", title: vscode.l10n.t("Open as Model"), arguments: [model.uri] };
    item.accessibilityInformation = { label: [model.label, item.description].join(", ") };
    return item;
  }

  dispose(): void {
    this.#queue = [];
    this.#changed.dispose();
  }

  #contextOf(model: FoundModel): string {
    return model.file === undefined ? "directory" : "file";
  }

  #enqueue(model: FoundModel): void {
    this.#figures.set(model.uri.toString(), {});
    this.#queue.push(model);
    void this.#measureQueue();
  }

  /** One at a time: the engine is there for the open pages first. */
  async #measureQueue(): Promise<void> {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    try {
      for (let model = this.#queue.shift(); model !== undefined; model = this.#queue.shift()) {
        const figures = await this.#measure(model);
        const key = model.uri.toString();
        // A refresh in between asks anew.
        if (!this.#figures.has(key)) continue;
        this.#figures.set(key, figures);
        this.#changed.fire(model);
      }
    } finally {
      this.#isMeasuring = false;
    }
  }

  async #measure(found: FoundModel): Promise<Figures> {
    const figures: Figures = {};
    const address = parseModelAddress(found.uri);
    const limits = this.#limits();
    const model = this.#engine.openModel(() => findModelSource(address, limits));
    try {
      figures.bytes = await sizeOf(found);
      // Files that can only be read whole are not read for a line of a list.
      if (address.kind === "url" || address.uri.scheme !== "file" || !limits.hasDisk) return figures;
      const overview = await model.ask("model/overview", {});
      if (overview.state === "open") figures.storedBitsPerWeight = overview.storedBitsPerWeight;
      else figures.problem = overview.problems[0]?.message ?? vscode.l10n.t("This is no model.");
    } catch (error) {
      figures.problem = error instanceof Error ? error.message : String(error);
    } finally {
      model.close();
    }
    return figures;
  }
}

const REST_MILLISECONDS = 500;

/** Calls once when models of the workspace have come or gone, however many files they consist of. */
export function watchForModels(onChange: () => void): vscode.Disposable {
  // Changes of contents are noticed by the editors of a model.
  const watcher = vscode.workspace.createFileSystemWatcher(MODEL_FILES, false, true, false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const note = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, REST_MILLISECONDS);
  };
  const parts = [watcher, watcher.onDidCreate(note), watcher.onDidDelete(note)];
  return {
    dispose: () => {
      clearTimeout(timer);
      for (const part of parts) part.dispose();
    },
  };
}

function describe(figures: Figures | undefined): string[] {
  if (figures === undefined) return [];
  const { bytes, storedBitsPerWeight } = figures;
  return [
    bytes === undefined ? "" : formatBytes(bytes),
    storedBitsPerWeight === undefined ? "" : formatBitsPerWeight(storedBitsPerWeight),
  ];
}

/** "4.127 bpw" */
export function formatBitsPerWeight(bits: number): string {
  return vscode.l10n.t("{0} bpw", formatBits(bits));
}
