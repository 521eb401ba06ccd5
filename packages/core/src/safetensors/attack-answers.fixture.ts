import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERROR_CODES, isLowbitError } from "../errors/index.js";
import { openCheckpoint } from "../node/open-checkpoint.js";

/** The code that `work` fails with, "ok" when it does not; other errors pass. */
export async function answer(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    return error.code;
  }
}

/** A directory of hostile files. */
export interface DirectoryAttack {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** File to open; absent: the directory. */
  readonly open?: string;
}

/** The answer to opening the files of an attack, which are written into a directory and removed again. */
export async function directoryAnswer({ files, open = "" }: DirectoryAttack): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), "lowbit-attacks-"));
  try {
    mkdirSync(join(path, "model"));
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, "model", file), bytes);
    return await answer(async () => (await openCheckpoint(join(path, "model", open))).close());
  } finally {
    rmSync(path, { recursive: true });
  }
}

interface NamedAttack {
  readonly name: string;
  readonly code: string;
}

/** What is wrong with a collection: names that stand twice, codes that are not known. */
export function faultyAttacks(attacks: readonly NamedAttack[]): string[] {
  const names = attacks.map(({ name }) => name);
  return attacks
    .filter(({ name, code }, i) => names.indexOf(name) !== i || !(code === "ok" || code in ERROR_CODES))
    .map(({ name }) => name);
}

/** Codes of an area that no attack expects. */
export function untriedCodes(area: string, attacks: readonly NamedAttack[]): string[] {
  const tried = new Set(attacks.map(({ code }) => code));
  return Object.keys(ERROR_CODES).filter((code) => code.startsWith(area) && !tried.has(code));
}
