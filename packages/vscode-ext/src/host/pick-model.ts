import * as vscode from "vscode";
import { findModels } from "./find-models.js";
import { checkedUrl, parseModelAddress, urlModelUri } from "./model-address.js";

interface Choice extends vscode.QuickPickItem {
  /** A model, or the kind of dialog that asks for one. */
  readonly target: vscode.Uri | "file" | "directory";
}

/**
 * Asks for a model: one of the workspace, a path or address that is typed, or one that a dialog finds. Answers with a
 * file, a directory, or the address of an editor.
 */
export async function pickModel(title: string, except?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const target = (await chooseFromList(title, except))?.target;
  if (target === undefined || target instanceof vscode.Uri) return target;
  const isDirectory = target === "directory";
  const [picked] =
    (await vscode.window.showOpenDialog({
      title,
      canSelectFiles: !isDirectory,
      canSelectFolders: isDirectory,
      ...(isDirectory ? {} : { filters: { [vscode.l10n.t("Models")]: ["safetensors", "gguf", "json"] } }),
    })) ?? [];
  return picked;
}

/**
 * How the engine names the other checkpoint of a comparison: a path or a web address. Throws where it can reach neither:
 * a file of a virtual file system is handed over as bytes, one model at a time.
 */
export function comparablePlace(model: vscode.Uri, hasDisk: boolean): string {
  const address = parseModelAddress(model);
  if (address.kind === "url") return address.url;
  if (hasDisk && address.uri.scheme === "file") return address.uri.fsPath;
  throw new Error(
    vscode.l10n.t("Here a model can only be compared with one that has a web address: {0} is a file.", model.path),
  );
}

function chooseFromList(title: string, except: vscode.Uri | undefined): Promise<Choice | undefined> {
  const pick = vscode.window.createQuickPick<Choice>();
  pick.title = title;
  pick.placeholder = vscode.l10n.t("A model of the workspace, or the path or address of one");
  pick.matchOnDescription = true;
  pick.busy = true;
  const dialogs: Choice[] = [
    { label: `$(file) ${vscode.l10n.t("File…")}`, target: "file", alwaysShow: true },
    { label: `$(folder) ${vscode.l10n.t("Folder…")}`, target: "directory", alwaysShow: true },
  ];
  let models: Choice[] = [];
  const update = (): void => {
    const typed = typedModel(pick.value.trim());
    const first: Choice[] = typed === undefined ? [] : [{ label: pick.value.trim(), target: typed, alwaysShow: true }];
    pick.items = [...first, ...models, ...dialogs];
  };
  update();
  findModels().then(
    (found) => {
      models = found
        .filter(({ uri }) => uri.toString() !== except?.toString())
        .map(({ label, directory, uri }) => ({ label, description: directory, target: uri }));
      pick.busy = false;
      update();
    },
    // Without a list, a path can still be typed.
    () => {
      pick.busy = false;
    },
  );
  return new Promise((resolve) => {
    pick.onDidChangeValue(update);
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0] ?? pick.activeItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** What a typed text stands for, if it is an absolute path or a web address. */
export function typedModel(text: string): vscode.Uri | undefined {
  if (/^([/\\]|[a-z]:[/\\])/i.test(text)) return vscode.Uri.file(text);
  if (!/^https?:\/\//i.test(text)) return undefined;
  try {
    return urlModelUri(checkedUrl(text));
  } catch {
    return undefined;
  }
}
