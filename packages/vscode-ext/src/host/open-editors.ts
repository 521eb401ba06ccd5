import * as vscode from "vscode";
import type { PagePlace } from "../protocol/envelope.js";
import { directoryModelUri, MODEL_SCHEME } from "./model-address.js";
import type { ModelDocument } from "./model-document.js";

export const VIEW_TYPE = "lowbit.model";

/** An editor of a model as others see it. */
export interface OpenEditor {
  readonly document: ModelDocument;
  readonly panel: vscode.WebviewPanel;
  show(place: PagePlace): void;
}

/** Which models are open, which one is in front, and where a new one is to begin. */
export class OpenEditors {
  readonly #editors: Set<OpenEditor> = new Set();
  readonly #places: Map<string, PagePlace> = new Map();
  readonly #activeChanged: vscode.EventEmitter<void> = new vscode.EventEmitter();
  readonly onDidChangeActive: vscode.Event<void> = this.#activeChanged.event;

  add(editor: OpenEditor): void {
    this.#editors.add(editor);
    this.#activeChanged.fire();
  }

  remove(editor: OpenEditor): void {
    this.#editors.delete(editor);
    this.#activeChanged.fire();
  }

  noteActive(): void {
    this.#activeChanged.fire();
  }

  get active(): OpenEditor | undefined {
    return [...this.#editors].find(({ panel }) => panel.active);
  }

  get all(): readonly OpenEditor[] {
    return [...this.#editors];
  }

  /** Where the new editor of this address begins, if a command asked for a place. */
  takePlace(uri: vscode.Uri): PagePlace | undefined {
    const key = uri.toString();
    const place = this.#places.get(key);
    this.#places.delete(key);
    return place;
  }

  /** Opens a model, or brings its editor to the front, at a place where one is given. */
  async open(uri: vscode.Uri, place?: PagePlace, column?: vscode.ViewColumn): Promise<void> {
    const key = uri.toString();
    const editor = this.all.find(({ document }) => document.uri.toString() === key);
    if (editor !== undefined) {
      if (place !== undefined) editor.show(place);
      editor.panel.reveal(column);
      return;
    }
    if (place !== undefined) this.#places.set(key, place);
    await vscode.commands.executeCommand("vscode.openWith", uri, VIEW_TYPE, column);
  }

  dispose(): void {
    this.#activeChanged.dispose();
  }
}

/** The address under which a file or directory is opened; an address of ours stands for itself. */
export async function modelUriOf(target: vscode.Uri): Promise<vscode.Uri> {
  if (target.scheme === MODEL_SCHEME) return target;
  const { type } = await vscode.workspace.fs.stat(target);
  return (type & vscode.FileType.Directory) !== 0 ? directoryModelUri(target) : target;
}
