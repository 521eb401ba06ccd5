import * as vscode from "vscode";
import type { ModelOverview } from "../protocol/overview-messages.js";
import type { Ask } from "../protocol/rpc-client.js";
import type { EngineConnection, EngineModel } from "./engine-connection.js";
import { type ModelAddress, parseModelAddress } from "./model-address.js";
import { baseName, findModelSource, type SourceLimits, UnreadableModelError } from "./model-source.js";

/** What around a model is known without asking: for the status bar and the tree. */
export interface ModelSummary {
  readonly fileBytes: number;
  readonly storedBitsPerWeight?: number;
}

/** One model, shared by every editor of it: one number in the engine. */
export class ModelDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly address: ModelAddress;
  readonly #model: EngineModel;
  readonly #changed: vscode.EventEmitter<void> = new vscode.EventEmitter();
  readonly #disposed: vscode.EventEmitter<void> = new vscode.EventEmitter();
  /** The file changed, or is gone; the next request opens it anew. */
  readonly onDidChange: vscode.Event<void> = this.#changed.event;
  readonly onDidDispose: vscode.Event<void> = this.#disposed.event;
  readonly #ask: Ask;

  constructor(uri: vscode.Uri, engine: EngineConnection, limits: () => SourceLimits) {
    this.uri = uri;
    this.address = parseModelAddress(uri);
    this.#model = engine.openModel(() => findModelSource(this.address, limits()));
    this.#ask = askExplaining(this.#model.ask, this.name);
  }

  /** What tabs and dialogs call it. */
  get name(): string {
    return baseName(this.uri);
  }

  /** Path that the engine and dialogs understand; absent for models on servers and in virtual file systems. */
  get path(): string | undefined {
    return this.address.kind !== "url" && this.address.uri.scheme === "file" ? this.address.uri.fsPath : undefined;
  }

  get ask(): Ask {
    return this.#ask;
  }

  noteChange(): void {
    this.#model.reopen();
    this.#changed.fire();
  }

  dispose(): void {
    this.#model.close();
    this.#disposed.fire();
    this.#changed.dispose();
    this.#disposed.dispose();
  }
}

/** A model that cannot be reached is described by a page like one that cannot be read. */
function askExplaining(ask: Ask, name: string): Ask {
  return async (request, params, options) => {
    try {
      return await ask(request, params, options);
    } catch (error) {
      if (!(error instanceof UnreadableModelError) || request !== "model/overview") throw error;
      const broken: ModelOverview = { state: "broken", name, problems: [error.problem] };
      return broken as Awaited<ReturnType<typeof ask<typeof request>>>;
    }
  };
}
