import * as vscode from "vscode";
import type { HostEvent, ReplyEnvelope } from "../protocol/envelope.js";

/** A panel with a page that records what it is told. */
export interface FakePanel {
  readonly panel: vscode.WebviewPanel;
  /** Every HTML that was set, oldest first. */
  readonly pages: string[];
  readonly told: (ReplyEnvelope | HostEvent)[];
  /** A message of the page. */
  say(message: unknown): void;
  setVisible(isVisible: boolean): void;
  close(): void;
}

export function createFakePanel(): FakePanel {
  const pages: string[] = [];
  const told: (ReplyEnvelope | HostEvent)[] = [];
  const messages = new vscode.EventEmitter<unknown>();
  const states = new vscode.EventEmitter<unknown>();
  const disposals = new vscode.EventEmitter<void>();
  const webview = {
    options: {},
    cspSource: "https://files.example",
    get html(): string {
      return pages.at(-1) ?? "";
    },
    set html(text: string) {
      pages.push(text);
    },
    asWebviewUri: (uri: vscode.Uri) => uri,
    postMessage: async (message: ReplyEnvelope | HostEvent) => void told.push(message),
    onDidReceiveMessage: messages.event,
  };
  const panel = {
    webview,
    visible: true,
    active: true,
    onDidChangeViewState: states.event,
    onDidDispose: disposals.event,
    reveal: () => {},
  };
  return {
    panel: panel as unknown as vscode.WebviewPanel,
    pages,
    told,
    say: (message) => messages.fire(message),
    setVisible: (isVisible) => {
      Object.assign(panel, { visible: isVisible, active: isVisible });
      states.fire(undefined);
    },
    close: () => disposals.fire(),
  };
}
