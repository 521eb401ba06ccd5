// Compiles every file of src/ for one instruction set. An object is compiled again only when its text, a header, the
// compiler or a flag changed: its name is the hash of all of them.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const SOURCE = fileURLToPath(new URL("../src/", import.meta.url));
export const INCLUDE = fileURLToPath(new URL("../include/", import.meta.url));

/** Flags of every kernel on every target; -ffp-contract=off is docs/numerics.md, rule 1. */
export const KERNEL_FLAGS = [
  "-std=c++17",
  "-O3",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fno-strict-aliasing",
  "-fno-exceptions",
  "-fno-rtti",
  "-fvisibility=hidden",
  "-Wall",
  "-Wextra",
  "-Werror=return-type",
  "-Wno-psabi",
  "-Wno-unknown-pragmas",
];

/** Names and split flags of the kernels of src/kernels.inc. */
export function listKernels() {
  const text = readFileSync(join(SOURCE, "kernels.inc"), "utf8");
  const kernels = [...text.matchAll(/^KERNEL(_SPLIT)?\((\w+)\)/gm)].map(([, split, name]) => ({
    name,
    split: split !== undefined,
  }));
  if (kernels.length === 0) throw new Error("src/kernels.inc lists no kernel.");
  return kernels;
}

/** Files of src/ that hold kernels. */
export function listKernelFiles() {
  return readdirSync(SOURCE)
    .filter((name) => name.endsWith(".cpp"))
    .sort()
    .map((name) => join(SOURCE, name));
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (text += chunk));
    child.on("error", (error) => resolve({ status: 1, text: String(error) }));
    child.on("close", (status) => resolve({ status: status ?? 1, text }));
  });
}

/** The text of a file and of everything that it includes with quotes, without system headers. */
function textWithIncludes(path, folders, seen = new Set()) {
  if (seen.has(path)) return "";
  seen.add(path);
  const text = readFileSync(path, "utf8");
  const included = [...text.matchAll(/^\s*#include "([^"]+)"/gm)]
    .map(([, name]) =>
      [dirname(path), ...folders].map((folder) => join(folder, name)).find((found) => existsSync(found)),
    )
    .filter((found) => found !== undefined)
    .map((found) => textWithIncludes(found, folders, seen));
  return [text, ...included].join("\0");
}

/**
 * Everything that the object of a file depends on. Of lowbit_kernels.h a kernel file sees only the declarations of what
 * it names, so that a new kernel does not compile all others again.
 */
function dependencies(file, flags) {
  const folders = flags.filter((flag) => flag.startsWith("-I")).map((flag) => flag.slice(2));
  if (dirname(file) !== dirname(join(SOURCE, "x"))) return textWithIncludes(file, folders);
  const header = join(INCLUDE, "lowbit_kernels.h");
  const text = textWithIncludes(file, folders, new Set([header]));
  const declarations = readFileSync(header, "utf8")
    .replace(/\/\/.*$/gm, "")
    .split(";")
    .filter((declaration) => {
      const name = /(\w+)\s*\([^()]*\)\s*$/.exec(declaration)?.[1];
      return name === undefined || text.includes(name);
    });
  return [text, ...declarations].join("\0");
}

/**
 * @param {{ compiler: string, jobs: { file: string, flags: string[] }[], folder: string, tolerant?: boolean }} request
 * @returns {Promise<string[]>} the objects, in the order of the jobs; throws with every message when one fails, or,
 *   when tolerant, prints it and leaves the object out ("")
 */
export async function compileObjects({ compiler, jobs, folder, tolerant = false }) {
  mkdirSync(folder, { recursive: true });
  const version = (await run(compiler, ["--version"])).text;
  const failures = [];
  const objects = jobs.map(() => "");
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < jobs.length; index = next++) {
      const { file, flags } = jobs[index];
      const key = [version, flags.join(" "), file, dependencies(file, flags)].join("\0");
      const hash = createHash("sha256").update(key).digest("hex").slice(0, 20);
      const object = join(folder, `${basename(file, ".cpp")}-${hash}.o`);
      objects[index] = object;
      if (existsSync(object)) continue;
      const partial = `${object}.${process.pid}`;
      const { status, text } = await run(compiler, [...flags, "-c", file, "-o", partial]);
      if (status !== 0) {
        const isa = flags.find((flag) => flag.startsWith("-DLOWBIT_ISA="));
        failures.push(`${compiler} failed on ${file} (${isa})\n${text}`);
        objects[index] = "";
      } else {
        if (text.trim() !== "") process.stderr.write(text);
        renameSync(partial, object);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, worker));
  if (failures.length > 0) {
    if (!tolerant) throw new Error(failures.join("\n"));
    console.error(failures.join("\n"));
  }
  return objects;
}

/**
 * For work on one kernel while others do not compile (`--tolerant`): a copy of kernels.inc, in a folder of its own, with
 * the kernels of the files that did. Returns the folder, to be searched before src/.
 */
export function writeKernelListOf(files, folder) {
  const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
  const kept = listKernels().filter(({ name }) => new RegExp(`^[\\w ]+ ${name}\\(`, "m").test(text));
  const left = listKernels().filter((kernel) => !kept.some(({ name }) => name === kernel.name));
  if (left.length > 0) console.error(`LEFT OUT of this build: ${left.map(({ name }) => name).join(", ")}`);
  mkdirSync(folder, { recursive: true });
  const lines = kept.map(({ name, split }) => `${split ? "KERNEL_SPLIT" : "KERNEL"}(${name})\n`);
  writeWhole(join(folder, "kernels.inc"), lines.join(""));
  return { folder, kernels: kept };
}

/** Flags that select an instruction set. */
export function isaFlags(isa) {
  return [
    `-DLOWBIT_ISA=${isa.id}`,
    ...isa.macros.map((macro) => `-DLOWBIT_ISA_${macro}=1`),
    "-include", // so that every definition is checked against its declaration
    join(INCLUDE, "lowbit_kernels.h"),
    ...isa.flags,
  ];
}

/** Writes a file through a temporary one, so that a reader never sees half of it. */
export function writeWhole(path, data) {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, data);
  renameSync(partial, path);
}
