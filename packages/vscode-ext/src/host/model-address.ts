import * as vscode from "vscode";

/**
 * Scheme of what the workbench has no file for: a directory that is one model, and a model on a server. The address ends
 * in a name, which is what tabs show; the query is the address of the model itself.
 */
export const MODEL_SCHEME = "lowbit-model";

/** What an address of an editor stands for. */
export type ModelAddress =
  | { readonly kind: "file"; readonly uri: vscode.Uri }
  | { readonly kind: "directory"; readonly uri: vscode.Uri }
  | { readonly kind: "url"; readonly url: string };

export function directoryModelUri(directory: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({
    scheme: MODEL_SCHEME,
    authority: "directory",
    path: directory.path.replace(/\/+$/, "") || "/",
    query: directory.toString(),
  });
}

export function urlModelUri(url: string): vscode.Uri {
  const { hostname, pathname } = new URL(url);
  return vscode.Uri.from({ scheme: MODEL_SCHEME, authority: "url", path: `/${hostname}${pathname}`, query: url });
}

/** Reads an editor's address. Throws where one of our scheme is malformed. */
export function parseModelAddress(uri: vscode.Uri): ModelAddress {
  if (uri.scheme !== MODEL_SCHEME) {
    if (uri.scheme === "http" || uri.scheme === "https") return { kind: "url", url: uri.toString(true) };
    return { kind: "file", uri };
  }
  if (uri.authority === "directory") return { kind: "directory", uri: vscode.Uri.parse(uri.query, true) };
  return { kind: "url", url: checkedUrl(uri.query) };
}

/** An http or https address. Throws with what is wrong. */
export function checkedUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null) throw new Error(vscode.l10n.t("This is not an address: {0}", text.slice(0, 200)));
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new Error(vscode.l10n.t("Only http and https addresses can be read, not {0}", url.protocol));
  return url.href;
}

/** The part of a name by which a model can be recognised. */
export function isModelFileName(name: string): boolean {
  return /\.(safetensors|gguf|safetensors\.index\.json)$/i.test(name);
}
