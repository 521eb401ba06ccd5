import * as vscode from "vscode";
import type { ModelSource } from "../protocol/engine-link.js";
import { formatBytes } from "../protocol/format-size.js";
import type { FileProblem } from "../protocol/overview-messages.js";
import { isModelFileName, type ModelAddress } from "./model-address.js";

/** A model that cannot be handed to the engine, with what a page shows instead. */
export class UnreadableModelError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly problem: FileProblem;

  constructor(problem: FileProblem) {
    super(problem.message);
    this.name = "UnreadableModelError";
    this.code = problem.code;
    this.remedy = problem.remedy;
    this.problem = problem;
  }
}

export interface SourceLimits {
  /** True where the engine can open files at an offset. */
  readonly hasDisk: boolean;
  /** Most bytes that are read whole from a virtual file system, over all files of a model. */
  readonly maximumVirtualBytes: number;
}

/** The way in which the engine can reach a model. Throws {@link UnreadableModelError} where there is none. */
export async function findModelSource(address: ModelAddress, limits: SourceLimits): Promise<ModelSource> {
  if (address.kind === "url") return { kind: "url", url: address.url };
  if (address.uri.scheme === "file" && limits.hasDisk) return { kind: "path", path: address.uri.fsPath };
  const directory = address.kind === "directory" ? address.uri : vscode.Uri.joinPath(address.uri, "..");
  const names = address.kind === "directory" ? await modelNames(directory) : await namesWith(address.uri, directory);
  return readWhole(baseName(address.uri), directory, names, limits.maximumVirtualBytes);
}

/** Small files beside a model that say what it is. */
const SIDE_FILES = new Set([
  "config.json",
  "generation_config.json",
  "quantize_config.json",
  "quantization_config.json",
]);

async function modelNames(directory: vscode.Uri): Promise<string[]> {
  const names = await listNames(directory);
  return names.filter((name) => isModelFileName(name) || SIDE_FILES.has(name));
}

/** A file, the shards of an index, and the small files beside it. */
async function namesWith(file: vscode.Uri, directory: vscode.Uri): Promise<string[]> {
  const name = baseName(file);
  const around = await listNames(directory).catch(() => []);
  const beside = around.filter((other) => SIDE_FILES.has(other));
  const shards = /\.index\.json$/i.test(name) ? around.filter((other) => /\.safetensors$/i.test(other)) : [];
  return [name, ...shards, ...beside];
}

async function listNames(directory: vscode.Uri): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(directory);
  return entries.filter(([, type]) => (type & vscode.FileType.File) !== 0).map(([name]) => name);
}

async function readWhole(
  name: string,
  directory: vscode.Uri,
  names: readonly string[],
  maximumBytes: number,
): Promise<ModelSource> {
  const sizes = await Promise.all(
    names.map(async (file) => (await vscode.workspace.fs.stat(vscode.Uri.joinPath(directory, file))).size),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > maximumBytes) throw tooLarge(name, directory.scheme, total, maximumBytes);
  const files: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  for (const file of names)
    files.push({ name: file, bytes: await vscode.workspace.fs.readFile(vscode.Uri.joinPath(directory, file)) });
  return { kind: "bytes", name, files };
}

function tooLarge(name: string, scheme: string, bytes: number, maximumBytes: number): UnreadableModelError {
  return new UnreadableModelError({
    file: name,
    code: "host/too-large",
    message: vscode.l10n.t(
      "This model has {0} and lies in a file system ({1}) that can only hand out whole files; at most {2} are read that way.",
      formatBytes(bytes),
      scheme,
      formatBytes(maximumBytes),
    ),
    remedy: vscode.l10n.t(
      "Open it from a local or remote disk in desktop VS Code, or from a server with “Open Model from URL…”; or raise the setting lowbit.maximumVirtualFileSize.",
    ),
  });
}

export function baseName(uri: vscode.Uri): string {
  return uri.path.split("/").filter(Boolean).at(-1) ?? uri.path;
}
