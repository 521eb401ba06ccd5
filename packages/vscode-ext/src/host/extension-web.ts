import * as vscode from "vscode";
import { activateExtension, type ExtensionApi } from "./activate-extension.js";
import { launchEngineWorker } from "./launch-engine-worker.js";
import type { Platform } from "./platform.js";

const platform: Platform = {
  hasDisk: false,
  createLauncher: (context) =>
    launchEngineWorker(async (file) =>
      vscode.workspace.fs.readFile(vscode.Uri.joinPath(context.extensionUri, "dist", file)),
    ),
};

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  return activateExtension(context, platform);
}
