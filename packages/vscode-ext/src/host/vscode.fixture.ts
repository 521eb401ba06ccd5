// What tests take for the module "vscode", which only exists in the editor: addresses, events and a file system in memory.

import { pathToFileURL } from "node:url";

interface UriParts {
  readonly scheme: string;
  readonly authority?: string;
  readonly path?: string;
  readonly query?: string;
}

export class Uri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;

  constructor(parts: UriParts) {
    this.scheme = parts.scheme;
    this.authority = parts.authority ?? "";
    this.path = parts.path ?? "";
    this.query = parts.query ?? "";
  }

  static from(parts: UriParts): Uri {
    return new Uri(parts);
  }

  static file(path: string): Uri {
    return new Uri({ scheme: "file", path: decodeURIComponent(pathToFileURL(path).pathname) });
  }

  static parse(text: string): Uri {
    const match = /^([a-z][\w+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/i.exec(text);
    if (match === null) throw new Error(`no address: ${text}`);
    const [, scheme = "", authority = "", path = "", query = ""] = match;
    return new Uri({
      scheme,
      authority,
      path: decodeURIComponent(path),
      query: decodeURIComponent(query),
    });
  }

  static joinPath(base: Uri, ...parts: string[]): Uri {
    const segments: string[] = [];
    for (const part of [base.path, ...parts].join("/").split("/")) {
      if (part === "..") segments.pop();
      else if (part !== "" && part !== ".") segments.push(part);
    }
    return base.with({ path: `/${segments.join("/")}` });
  }

  with(parts: Partial<UriParts>): Uri {
    return new Uri({ scheme: this.scheme, authority: this.authority, path: this.path, query: this.query, ...parts });
  }

  get fsPath(): string {
    return this.path;
  }

  toString(skipEncoding = false): string {
    const encode = skipEncoding ? (text: string) => text : encodeURI;
    const query = this.query === "" ? "" : `?${skipEncoding ? this.query : encodeURIComponent(this.query)}`;
    const authority = this.authority !== "" || this.scheme === "file" ? `//${this.authority}` : "";
    return `${this.scheme}:${authority}${encode(this.path)}${query}`;
  }
}

export class EventEmitter<T> {
  readonly #listeners: Set<(value: T) => void> = new Set();
  readonly event = (listener: (value: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 } as const;
export const FilePermission = { Readonly: 1 } as const;
export const ProgressLocation = { Notification: 15 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;

export class FileSystemError extends Error {
  static FileNotFound(uri: Uri): FileSystemError {
    return new FileSystemError(`not found: ${uri.path}`);
  }

  static NoPermissions(uri: Uri): FileSystemError {
    return new FileSystemError(`not allowed: ${uri.path}`);
  }
}

export class RelativePattern {
  readonly base: Uri;
  readonly pattern: string;

  constructor(base: Uri, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export class ThemeIcon {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class TreeItem {
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }
}

interface MemoryFile {
  bytes: Uint8Array;
  mtime: number;
}

/** Files of every scheme by path; watchers are told through `changes`. */
export const files: Map<string, MemoryFile> = new Map();
export const changes: EventEmitter<Uri> = new EventEmitter();
export const configurationChanges: EventEmitter<{ affectsConfiguration(section: string): boolean }> =
  new EventEmitter();
export const trustGrants: EventEmitter<void> = new EventEmitter();
/** Values of `lowbit.*`. */
export const configured: Map<string, unknown> = new Map();
/** What the user answers, what was shown to him, and what commands ran. */
export interface Desk {
  isTrusted: boolean;
  folders: string[];
  saveTarget: Uri | undefined;
  clipboard: string;
  commands: unknown[][];
  statusBar: { text: string; isShown: boolean; show(): void; hide(): void; dispose(): void } | undefined;
  reports: { message?: string; increment?: number }[];
  cancelProgress: (() => void) | undefined;
  errors: string[];
}

export const desk: Desk = {
  isTrusted: true,
  folders: [],
  saveTarget: undefined,
  clipboard: "",
  commands: [],
  statusBar: undefined,
  reports: [],
  cancelProgress: undefined,
  errors: [],
};

export function resetDesk(): void {
  files.clear();
  configured.clear();
  Object.assign(desk, {
    isTrusted: true,
    folders: [],
    saveTarget: undefined,
    clipboard: "",
    commands: [],
    reports: [],
    errors: [],
  });
}

function fileAt(uri: Uri): MemoryFile {
  const file = files.get(uri.path);
  if (file === undefined) throw FileSystemError.FileNotFound(uri);
  return file;
}

export const workspace: object = {
  get isTrusted(): boolean {
    return desk.isTrusted;
  },
  getConfiguration: () => ({ get: (name: string) => configured.get(name) }),
  fs: {
    stat: async (uri: Uri) => {
      const prefix = `${uri.path}/`;
      if ([...files.keys()].some((path) => path.startsWith(prefix)))
        return { type: FileType.Directory, size: 0, mtime: 0, ctime: 0 };
      const { bytes, mtime } = fileAt(uri);
      return { type: FileType.File, size: bytes.byteLength, mtime, ctime: 0 };
    },
    readFile: async (uri: Uri) => fileAt(uri).bytes,
    writeFile: async (uri: Uri, bytes: Uint8Array) => void files.set(uri.path, { bytes, mtime: 1 }),
    readDirectory: async (uri: Uri) => {
      const prefix = `${uri.path}/`;
      const names = [...files.keys()]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length));
      return names.filter((name) => !name.includes("/")).map((name) => [name, FileType.File] as [string, number]);
    },
  },
  onDidChangeConfiguration: configurationChanges.event,
  onDidGrantWorkspaceTrust: trustGrants.event,
  get workspaceFolders(): readonly { readonly uri: Uri; readonly name: string }[] {
    return desk.folders.map((path) => ({ uri: Uri.file(path), name: path.split("/").at(-1) ?? path }));
  },
  asRelativePath: (uri: Uri) => uri.path,
  findFiles: async ({ base }: { readonly base: { readonly uri: Uri } }) =>
    [...files.keys()].filter((path) => path.startsWith(`${base.uri.path}/`)).map((path) => Uri.file(path)),
  createFileSystemWatcher: () => ({
    onDidChange: changes.event,
    onDidCreate: () => ({ dispose: () => {} }),
    onDidDelete: () => ({ dispose: () => {} }),
    dispose: () => {},
  }),
};

export const window: object = {
  withProgress: async (
    _options: unknown,
    run: (
      progress: { report(step: { message?: string; increment?: number }): void },
      token: { onCancellationRequested: (listener: () => void) => void },
    ) => Promise<unknown>,
  ) => {
    const cancelled = new EventEmitter<void>();
    desk.cancelProgress = () => cancelled.fire();
    return run(
      { report: (step) => void desk.reports.push(step) },
      { onCancellationRequested: (listener) => void cancelled.event(listener) },
    );
  },
  showErrorMessage: async (message: string) => void desk.errors.push(message),
  showSaveDialog: async () => desk.saveTarget,
  createStatusBarItem: () => {
    desk.statusBar = {
      text: "",
      isShown: false,
      show() {
        this.isShown = true;
      },
      hide() {
        this.isShown = false;
      },
      dispose() {},
    };
    return desk.statusBar;
  },
};

export const commands: object = {
  executeCommand: async (...given: unknown[]) => void desk.commands.push(given),
};

export const env: object = {
  language: "en",
  clipboard: {
    writeText: async (text: string) => {
      desk.clipboard = text;
    },
  },
};

export const l10n: object = {
  t: (text: string, ...values: unknown[]): string =>
    text.replace(/\{(\d+)\}/g, (_all, index) => String(values[Number(index)])),
};
