import { watch } from "node:fs";
import { join } from "node:path";
import type * as vscode from "vscode";
import type { ExtensionApi } from "./activate-extension.js";
import { activateExtension } from "./activate-extension.js";
import { launchEngineProcess } from "./launch-engine-process.js";
import type { Platform } from "./platform.js";

const platform: Platform = {
  hasDisk: true,
  createLauncher: (context) => launchEngineProcess(join(context.extensionPath, "dist", "engine.mjs")),
  watchDirectory: (path, onChange) => {
    try {
      const watcher = watch(path, { persistent: false }, (_event, fileName) => onChange(fileName ?? ""));
      watcher.on("error", () => watcher.close());
      return { dispose: () => watcher.close() };
    } catch {
      // A directory that cannot be watched, as on some network disks: the workbench's watcher remains.
      return { dispose: () => {} };
    }
  },
};

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  return activateExtension(context, platform);
}
