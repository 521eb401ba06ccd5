import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LowbitError } from "../errors/index.js";
import {
  checkFingerprint,
  type Fingerprint,
  type JournalEntry,
  journalHead,
  journalLine,
  parseJournal,
} from "../pipeline/journal.js";
import { writeFailed } from "./file-writer.js";
import { makeDirectory } from "./make-directory.js";
import { checkPartialIsOurs, checkReplaceable } from "./replaceable-output.js";

/** An output file: its first bytes, and its size once everything is written. */
export interface OutputFile {
  readonly name: string;
  readonly header: Uint8Array;
  readonly byteLength: number;
}

export interface PartialOutputOptions {
  /** Path of the finished output: a directory, or a file when it ends in ".safetensors" or ".gguf". */
  readonly output: string;
  readonly files: readonly OutputFile[];
  readonly fingerprint: Fingerprint;
  /** Go on with an unfinished output. */
  readonly resume: boolean;
  /** Replace an unfinished output now, and a finished one at the end. */
  readonly force: boolean;
}

/**
 * An output that is being made in `OUTPUT.partial/`: `files/` holds the files at their full size, `journal.jsonl` one
 * line per complete tensor. Where sizes are known only when the work is done, `staged/` holds what is complete, and the
 * files are laid out at the end. `OUTPUT` itself appears in one step, when everything is there.
 */
export interface PartialOutput {
  /** Directory of the files. */
  readonly directory: string;
  /** Directory for what is staged; it is there when `files` were none. */
  readonly stagedDirectory: string;
  /** What an earlier run has completed, by tensor. */
  readonly completed: ReadonlyMap<string, JournalEntry>;
  append(entry: JournalEntry): Promise<void>;
  /** Creates the files in the place of those of an earlier run, for an output that was opened without any. */
  layOut(files: readonly OutputFile[]): Promise<void>;
  /** Renames to the final path. Nothing is left beside it. */
  finish(): Promise<void>;
  /** Ends without finishing; the partial output stays for --resume. */
  close(): Promise<void>;
  /** Ends and removes everything that was written. */
  discard(): Promise<void>;
}

export const isSingleFile = (output: string): boolean => /\.(safetensors|gguf)$/.test(output);

/** Name of the only file of a single-file output. */
export const singleFileName = (output: string): string => basename(output);

/** Refuses what would destroy something, before anything is written or computed. */
export async function checkOutputPaths(
  options: Pick<PartialOutputOptions, "output" | "resume" | "force">,
): Promise<void> {
  const { output, resume, force } = options;
  const partial = partialPath(output);
  if (await exists(output)) {
    if (!force) throw new LowbitError("pipeline/output-exists", `${output} exists already.`, { path: output });
    await checkReplaceable(output);
  }
  await checkPartialIsOurs(partial);
  const begun = (await exists(partialFilesDirectory(output))) || (await exists(stagedDirectory(output)));
  if (!resume && !force && begun) {
    throw new LowbitError("pipeline/partial-exists", `${partial} holds the unfinished output of an earlier run.`, {
      path: partial,
    });
  }
}

/**
 * Creates the partial output, or goes on with one.
 * @throws `pipeline/resume-mismatch`, `pipeline/resume-damaged`, `pipeline/write-failed`
 */
export async function openPartialOutput(options: PartialOutputOptions): Promise<PartialOutput> {
  await checkOutputPaths(options);
  const partial = partialPath(options.output);
  const directory = partialFilesDirectory(options.output);
  const journalPath = join(partial, "journal.jsonl");
  try {
    const earlier = options.resume ? await readJournal(journalPath) : undefined;
    let journal: FileHandle;
    if (earlier) {
      checkFingerprint(earlier.fingerprint, options.fingerprint);
      for (const file of options.files) await checkFile(join(directory, file.name), file.byteLength);
      journal = await open(journalPath, "r+");
      await journal.truncate(earlier.completeBytes);
      await journal.close();
    } else {
      await rm(partial, { recursive: true, force: true });
      await makeDirectory(directory);
      if (options.files.length === 0) await makeDirectory(stagedDirectory(options.output));
      for (const file of options.files) await createFile(join(directory, file.name), file);
      // The head comes last: a journal with a head means that every file is laid out.
      journal = await open(journalPath, "wx");
      await journal.write(journalHead(options.fingerprint));
      await journal.close();
    }
    const appending = await open(journalPath, "a");
    const completed = new Map(earlier?.entries.map((entry) => [entry.tensor, entry]));
    return openedOutput(options, directory, completed, appending);
  } catch (error) {
    if (error instanceof LowbitError) throw error;
    throw writeFailed(partial, error);
  }
}

function openedOutput(
  { output }: PartialOutputOptions,
  directory: string,
  completed: ReadonlyMap<string, JournalEntry>,
  journal: FileHandle,
): PartialOutput {
  let last: Promise<unknown> = Promise.resolve();
  return {
    directory,
    stagedDirectory: stagedDirectory(output),
    completed,
    async layOut(files) {
      try {
        await rm(directory, { recursive: true, force: true });
        await makeDirectory(directory);
        for (const file of files) await createFile(join(directory, file.name), file);
      } catch (cause) {
        throw writeFailed(partialPath(output), cause);
      }
    },
    append(entry) {
      const written = last.then(() => journal.write(journalLine(entry)));
      last = written.catch(() => undefined);
      return written.then(
        () => undefined,
        (cause: unknown) => {
          throw writeFailed(partialPath(output), cause);
        },
      );
    },
    async finish() {
      await last;
      await journal.close();
      try {
        await replace(isSingleFile(output) ? join(directory, singleFileName(output)) : directory, output);
        await rm(partialPath(output), { recursive: true, force: true });
      } catch (cause) {
        throw writeFailed(output, cause);
      }
    },
    async close() {
      await last;
      await journal.close();
    },
    async discard() {
      await last;
      await journal.close();
      await rm(partialPath(output), { recursive: true, force: true });
    },
  };
}

/** Puts `from` at `to`. An existing `to` is moved aside first and deleted when the new one is in place. */
async function replace(from: string, to: string): Promise<void> {
  const aside = `${to}.replaced`;
  if (await exists(to)) {
    await rm(aside, { recursive: true, force: true });
    await rename(to, aside);
  }
  await rename(from, to);
  await rm(aside, { recursive: true, force: true });
}

async function createFile(path: string, { header, byteLength }: OutputFile): Promise<void> {
  await makeDirectory(dirname(path));
  const handle = await open(path, "wx");
  try {
    await handle.write(header, 0, header.byteLength, 0);
    await handle.truncate(byteLength);
  } finally {
    await handle.close();
  }
}

async function checkFile(path: string, byteLength: number): Promise<void> {
  const found = await stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
  if (found === byteLength) return;
  throw new LowbitError(
    "pipeline/resume-damaged",
    `${path} of the unfinished output ${found === undefined ? "is missing" : `has ${found} bytes`}; ${byteLength} bytes are expected.`,
    { path, found: found ?? null, expected: byteLength },
  );
}

async function readJournal(path: string) {
  if (!(await exists(path))) return undefined;
  const text = await readFile(path, "utf8");
  const journal = parseJournal(text);
  return journal && { ...journal, completeBytes: Buffer.byteLength(text.slice(0, journal.completeLength)) };
}

/** Where the files grow until the output is complete. */
export const partialFilesDirectory = (output: string): string => join(partialPath(output), "files");

const stagedDirectory = (output: string): string => join(partialPath(output), "staged");

const partialPath = (output: string): string => `${output}.partial`;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
