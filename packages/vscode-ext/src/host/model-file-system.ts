import * as vscode from "vscode";

/**
 * Stands behind the addresses of directories and of models on servers (`MODEL_SCHEME`): the workbench wants to know of
 * every open address whether it exists. There is nothing to read here; the engine reads the model itself.
 */
export class ModelFileSystem implements vscode.FileSystemProvider {
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]> = () => ({ dispose: () => {} });

  watch(): vscode.Disposable {
    return { dispose: () => {} };
  }

  stat(): vscode.FileStat {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: 0, permissions: vscode.FilePermission.Readonly };
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  readFile(): Uint8Array {
    return new Uint8Array();
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
