import * as vscode from "vscode";
import { groupModels, type WorkspaceModel } from "./group-models.js";
import { directoryModelUri } from "./model-address.js";

/** A model of the workspace with its addresses. */
export interface FoundModel extends WorkspaceModel {
  /** Address of the editor. */
  readonly uri: vscode.Uri;
  readonly directoryUri: vscode.Uri;
}

export const MODEL_FILES = "**/*.{safetensors,gguf,safetensors.index.json}";
const EXCLUDED = "**/{node_modules,.git,.venv}/**";
const MOST_FILES = 20_000;

/** Every model in the folders of the workspace. */
export async function findModels(token?: vscode.CancellationToken): Promise<FoundModel[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found: FoundModel[] = [];
  for (const folder of folders) {
    const files = await vscode.workspace.findFiles(
      new vscode.RelativePattern(folder, MODEL_FILES),
      EXCLUDED,
      MOST_FILES,
      token,
    );
    const root = folder.uri.path.replace(/\/$/, "");
    const paths = files.map((file) => file.path.slice(root.length + 1));
    for (const model of groupModels(paths, folder.name)) {
      const directoryUri = vscode.Uri.joinPath(folder.uri, model.directory);
      const uri =
        model.file === undefined ? directoryModelUri(directoryUri) : vscode.Uri.joinPath(directoryUri, model.file);
      found.push({ ...model, directoryUri, uri });
    }
  }
  return found;
}

/** Bytes of all files of a model. */
export async function sizeOf(model: FoundModel): Promise<number> {
  const stats = await Promise.all(
    model.files.map((name) => vscode.workspace.fs.stat(vscode.Uri.joinPath(model.directoryUri, name))),
  );
  return stats.reduce((sum, { size }) => sum + size, 0);
}
