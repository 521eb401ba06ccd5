import type * as vscode from "vscode";
import type { LaunchEngine } from "./engine-process.js";

/** What differs between the extension on Node (desktop, remote machines) and in a browser. */
export interface Platform {
  createLauncher(context: vscode.ExtensionContext): LaunchEngine;
  /** True where the engine can open files at an offset and write models. */
  readonly hasDisk: boolean;
  /** Tells of changes in a directory sooner and in more places than the workbench's own watcher; absent in a browser. */
  readonly watchDirectory?: (path: string, onChange: (fileName: string) => void) => vscode.Disposable;
}
