// Which compilers are here, and what to install when none is.
import { spawnSync } from "node:child_process";

const CLANGS = ["clang++-19", "clang++-20", "clang++-21", "clang++-18", "clang++"];

function majorVersion(command) {
  const run = spawnSync(command, ["-dumpversion"], { encoding: "utf8" });
  return run.status === 0 ? Number.parseInt(run.stdout, 10) : 0;
}

/** clang from 18 on: older ones lack the relaxed-SIMD dot product. */
export function findClang() {
  const asked = process.env.LOWBIT_CLANG;
  return (asked ? [asked] : CLANGS).find((command) => majorVersion(command) >= 18);
}

/** Compilers that can build the native kernels, best first: clang, then g++ (see README.md). */
export function findNativeCompiler() {
  const asked = process.env.LOWBIT_CXX;
  if (asked) return majorVersion(asked) > 0 ? asked : undefined;
  return findClang() ?? ["g++", "c++"].find((command) => majorVersion(command) > 0);
}

/** The linker that belongs to a clang command. */
export function findWasmLinker(clang) {
  const names = [clang.replace("clang++", "wasm-ld"), "wasm-ld-19", "wasm-ld"];
  return names.find((command) => spawnSync(command, ["--version"]).status === 0);
}

/** Says exactly what is missing. */
export function missing(tool, debianPackage, purpose) {
  return `${tool} was not found; it is needed to ${purpose}. On Debian or Ubuntu: sudo apt-get install -y --no-install-recommends ${debianPackage}`;
}
