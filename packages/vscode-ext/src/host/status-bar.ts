import * as vscode from "vscode";
import { formatBytes } from "../protocol/format-size.js";
import type { ModelDocument, ModelSummary } from "./model-document.js";
import { formatBitsPerWeight } from "./models-view.js";
import type { OpenEditors } from "./open-editors.js";

/** Size and stored bits per weight of the model in front; a click leads to its overview. */
export class StatusBar {
  readonly #item: vscode.StatusBarItem;
  readonly #editors: OpenEditors;
  readonly #summaries: WeakMap<ModelDocument, ModelSummary> = new WeakMap();
  readonly #listener: vscode.Disposable;

  constructor(editors: OpenEditors) {
    this.#editors = editors;
    this.#item = vscode.window.createStatusBarItem("lowbit.model", vscode.StatusBarAlignment.Right, 100);
    this.#item.name = vscode.l10n.t("Model");
    this.#item.command = "lowbit.showOverview";
    this.#listener = editors.onDidChangeActive(() => this.#update());
  }

  note(document: ModelDocument, summary: ModelSummary | undefined): void {
    if (summary === undefined) this.#summaries.delete(document);
    else this.#summaries.set(document, summary);
    this.#update();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#item.dispose();
  }

  #update(): void {
    const document = this.#editors.active?.document;
    const summary = document === undefined ? undefined : this.#summaries.get(document);
    if (document === undefined || summary === undefined) {
      this.#item.hide();
      return;
    }
    const parts = [formatBytes(summary.fileBytes)];
    if (summary.storedBitsPerWeight !== undefined) parts.push(formatBitsPerWeight(summary.storedBitsPerWeight));
    const text = parts.join(" · ");
    this.#item.text = `$(symbol-array) ${text}`;
    this.#item.tooltip = vscode.l10n.t("{0}: size and stored bits per weight. Show overview", document.name);
    this.#item.accessibilityInformation = {
      label: vscode.l10n.t("Model {0}: {1}", document.name, text),
      role: "button",
    };
    this.#item.show();
  }
}
