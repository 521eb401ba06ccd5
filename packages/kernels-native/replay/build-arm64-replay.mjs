// Cross-compiles the arm64 kernels and replay.cpp into build/arm64/replay, a static program for qemu-aarch64.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  compileObjects,
  INCLUDE,
  isaFlags,
  KERNEL_FLAGS,
  listKernelFiles,
  SOURCE,
} from "@lowbit/kernels-src/scripts/compile-kernels.mjs";
import { findClang, missing } from "@lowbit/kernels-src/scripts/compilers.mjs";
import { NATIVE_INSTRUCTION_SETS } from "@lowbit/kernels-src/scripts/instruction-sets.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const CROSS = "aarch64-linux-gnu-g++";

/** Runs the program on x86-64. */
export const EMULATOR = "qemu-aarch64";

/** What this machine lacks to build and run the replay, as a sentence; undefined when it has everything. */
export function whatIsMissing() {
  const has = (command) => spawnSync(command, ["--version"]).status === 0;
  if (!has(CROSS)) return missing(CROSS, "g++-aarch64-linux-gnu", "cross-compile the arm64 kernels");
  if (!has(EMULATOR)) return missing(EMULATOR, "qemu-user", "run the arm64 kernels");
  return undefined;
}

/** @returns {Promise<string>} the path of the program */
export async function buildReplay() {
  const folder = join(root, "build/arm64");
  mkdirSync(folder, { recursive: true });
  const clang = findClang();
  const compiler = clang ?? CROSS;
  const target = clang === undefined ? [] : ["--target=aarch64-linux-gnu"];
  const shared = [...target, ...KERNEL_FLAGS, `-I${INCLUDE}`, `-I${SOURCE}`];
  const jobs = NATIVE_INSTRUCTION_SETS.arm64.flatMap((isa) =>
    [...listKernelFiles(), join(SOURCE, "dispatch/isa_table.cpp")].map((file) => ({
      file,
      flags: [...shared, ...isaFlags(isa)],
    })),
  );
  const objects = await compileObjects({ compiler, jobs, folder: join(folder, "objects") });
  const hostJobs = [join(SOURCE, "dispatch/instruction_sets.cpp"), join(root, "replay/replay.cpp")].map((file) => ({
    file,
    flags: ["-std=c++17", "-O2", `-I${INCLUDE}`, `-I${SOURCE}`],
  }));
  const host = await compileObjects({ compiler: CROSS, jobs: hostJobs, folder: join(folder, "objects") });
  const program = join(folder, "replay");
  const link = spawnSync(CROSS, ["-static", "-o", program, ...objects, ...host], { encoding: "utf8" });
  if (link.status !== 0 || !existsSync(program)) throw new Error(`${CROSS} could not link the replay:\n${link.stderr}`);
  return program;
}
