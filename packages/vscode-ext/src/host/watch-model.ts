import * as vscode from "vscode";
import { isModelFileName } from "./model-address.js";
import type { ModelDocument } from "./model-document.js";
import { baseName } from "./model-source.js";
import type { Platform } from "./platform.js";

/** Long enough for a file that is being written in many pieces to come to rest between two looks. */
const REST_MILLISECONDS = 400;

/** Notices when files of a model were changed, replaced or deleted. Models on servers are not watched. */
export function watchModel(document: ModelDocument, platform: Platform): vscode.Disposable {
  const { address } = document;
  if (address.kind === "url") return { dispose: () => {} };
  const isWhole = address.kind === "directory" || /\.index\.json$/i.test(address.uri.path);
  const directory = address.kind === "directory" ? address.uri : vscode.Uri.joinPath(address.uri, "..");
  const ownName = baseName(address.uri);
  const belongs = (name: string): boolean =>
    name === "" || name === "config.json" || (isWhole ? isModelFileName(name) : name === ownName);

  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDisposed = false;
  let known = signature();

  async function signature(): Promise<string> {
    const names = isWhole ? await modelFiles(directory) : [ownName, "config.json"];
    const states = names.map(async (name) => {
      try {
        const { mtime, size } = await vscode.workspace.fs.stat(vscode.Uri.joinPath(directory, name));
        return `${name} ${mtime} ${size}`;
      } catch {
        return `${name} is gone`;
      }
    });
    return (await Promise.all(states)).join("\n");
  }

  async function look(): Promise<void> {
    const before = await known;
    const now = await signature();
    known = Promise.resolve(now);
    if (!isDisposed && now !== before) document.noteChange();
  }

  const onChange = (name: string): void => {
    if (!belongs(name) || isDisposed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), REST_MILLISECONDS);
  };

  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(directory, "*"));
  const onUri = (uri: vscode.Uri): void => onChange(baseName(uri));
  const parts: vscode.Disposable[] = [
    watcher,
    watcher.onDidChange(onUri),
    watcher.onDidCreate(onUri),
    watcher.onDidDelete(onUri),
  ];
  if (directory.scheme === "file" && platform.watchDirectory !== undefined)
    parts.push(platform.watchDirectory(directory.fsPath, onChange));
  return {
    dispose: () => {
      isDisposed = true;
      clearTimeout(timer);
      for (const part of parts) part.dispose();
    },
  };
}

async function modelFiles(directory: vscode.Uri): Promise<string[]> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(directory);
    return entries.map(([name]) => name).filter((name) => isModelFileName(name) || name === "config.json");
  } catch {
    return [];
  }
}
