import * as vscode from "vscode";
import type { ModelDocument } from "./model-document.js";
import type { HostAnswers } from "./model-editor-provider.js";
import { baseName } from "./model-source.js";

export interface HostAnswerServices {
  readonly quantize: (
    document: ModelDocument,
    settings: Parameters<HostAnswers["host/quantize"]>[0],
    pageGone: AbortSignal,
  ) => Promise<{
    readonly output?: string;
  }>;
  readonly openModel: (path: string, compareWith?: string) => Promise<void>;
  readonly pickCheckpoint: (document: ModelDocument) => Promise<string | undefined>;
}

/** Dialogs, the clipboard, files and other editors, for the pages of one model. */
export function createHostAnswers(document: ModelDocument, services: HostAnswerServices): HostAnswers {
  const stem = document.name.replace(/\.(safetensors|gguf|safetensors\.index\.json)$/i, "");
  return {
    "host/save": ({ fileName, content }) => saveAs(document, fileName, content),
    "host/export-layers": async (query, { signal }) => {
      const target = await askWhere(document, `${stem}-layers.${query.format}`);
      if (target === undefined) return {};
      const { text } = await document.ask("layers/export", query, { signal });
      return write(target, text);
    },
    "host/export-comparison": async ({ format }, { signal }) => {
      const target = await askWhere(document, `${stem}-comparison.${format}`);
      if (target === undefined) return {};
      const { text } = await document.ask("compare/export", { format }, { signal });
      return write(target, text);
    },
    "host/copy": async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return {};
    },
    "host/pick-checkpoint": async () => {
      const path = await services.pickCheckpoint(document);
      return path === undefined ? {} : { path };
    },
    "host/pick-output": async ({ suggestion }) => {
      const target = await vscode.window.showSaveDialog({
        defaultUri: siblingUri(document, suggestion),
        title: vscode.l10n.t("New directory or .safetensors file for the quantized model"),
        saveLabel: vscode.l10n.t("Choose"),
      });
      return target === undefined ? {} : { path: target.fsPath };
    },
    "host/quantize": (settings, { signal }) => services.quantize(document, settings, signal),
    "host/open-model": async ({ path, compareWith }) => {
      await services.openModel(path, compareWith);
      return {};
    },
  };
}

async function saveAs(
  document: ModelDocument,
  fileName: string,
  content: string | Uint8Array,
): Promise<{ readonly path?: string }> {
  const target = await askWhere(document, fileName);
  return target === undefined ? {} : write(target, content);
}

async function askWhere(document: ModelDocument, fileName: string): Promise<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({ defaultUri: siblingUri(document, fileName) });
}

async function write(target: vscode.Uri, content: string | Uint8Array): Promise<{ readonly path: string }> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await vscode.workspace.fs.writeFile(target, bytes);
  return { path: target.scheme === "file" ? target.fsPath : target.toString() };
}

/** A place beside the model; in the workspace for one on a server. An absolute suggestion stands as it is. */
function siblingUri(document: ModelDocument, name: string): vscode.Uri {
  const { address } = document;
  if (address.kind === "url") {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    return folder === undefined ? vscode.Uri.file(`/${name}`) : vscode.Uri.joinPath(folder.uri, name);
  }
  if (/^([/\\]|[a-z]:[/\\])/i.test(name)) return address.uri.with({ path: vscode.Uri.file(name).path });
  return vscode.Uri.joinPath(address.uri, "..", name === "" ? `${baseName(address.uri)}-quantized` : name);
}
