import { LowbitError } from "../../errors/index.js";

const PREFIX = "hf:";

/** A model on the Hub as a user names it: `hf:owner/name[@revision][:file]`. */
export interface HubReference {
  /** As it was written, for messages. */
  readonly text: string;
  readonly owner: string;
  readonly name: string;
  /** Branch, tag or commit; "main" by default. */
  readonly revision: string;
  /** One file of the repository; absent: the model that the repository is. */
  readonly file?: string;
}

export function isHubReference(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Letters that owners, names and revisions may have; a revision may have slashes too (refs/pr/1). */
const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
const REVISION = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,249}$/;

/**
 * A colon can be in no revision, and an "@" in no name, so the three parts cannot be mixed up.
 * @throws `hub/invalid-id`, `hub/unsafe-name`
 */
export function parseHubReference(text: string): HubReference {
  const [id = "", file] = splitOnce(text.slice(PREFIX.length), ":");
  const [path = "", revision = "main"] = splitOnce(id, "@");
  const [owner = "", name = "", ...more] = path.split("/");
  const isSound = more.length === 0 && PART.test(owner) && PART.test(name) && REVISION.test(revision);
  if (!isHubReference(text) || !isSound || revision.split("/").includes("..") || file === "") {
    throw new LowbitError(
      "hub/invalid-id",
      `${JSON.stringify(text)} is not of the form hf:owner/name, hf:owner/name@revision or hf:owner/name:file.gguf.`,
      { found: text },
    );
  }
  const reference = { text, owner, name, revision };
  if (file === undefined) return reference;
  checkRepositoryPath(file);
  return { ...reference, file };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\\:\u0000-\u001f\u007f]/;

/**
 * Accepts the path of a file inside a repository: parts with single slashes between them, none of which leads elsewhere.
 * @throws `hub/unsafe-name`
 */
export function checkRepositoryPath(path: string): void {
  const parts = path.split("/");
  const isSafe = path.length <= 1024 && !UNSAFE.test(path) && !parts.some((part) => ["", ".", ".."].includes(part));
  if (isSafe) return;
  throw new LowbitError(
    "hub/unsafe-name",
    `${JSON.stringify(path.slice(0, 200))} is no path of a file inside a repository.`,
    { name: path.slice(0, 200) },
  );
}
