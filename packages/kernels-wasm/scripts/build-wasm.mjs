// Builds the WASM modules with clang and wasm-ld and writes each one as src/generated/<variant>.ts (base64), so that
// bundlers, workers and Node load them alike, without a file or a network request.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import {
  compileObjects,
  INCLUDE,
  isaFlags,
  KERNEL_FLAGS,
  listKernelFiles,
  listKernels,
  SOURCE,
  writeKernelListOf,
  writeWhole,
} from "@lowbit/kernels-src/scripts/compile-kernels.mjs";
import { findClang, findWasmLinker, missing } from "@lowbit/kernels-src/scripts/compilers.mjs";
import { WASM_INSTRUCTION_SETS } from "@lowbit/kernels-src/scripts/instruction-sets.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "src/generated");
const buildFolder = join(root, "build");

// The stack comes first, so that an overflow traps instead of writing over data.
const STACK_BYTES = 256 * 1024;
const TARGET_FLAGS = ["--target=wasm32-unknown-unknown", "-ffreestanding", "-nostdlib", "-mbulk-memory", "-msign-ext"];
const LINK_FLAGS = [
  "--no-entry",
  "--import-memory",
  "--max-memory=4294967296",
  "--stack-first",
  "-z",
  `stack-size=${STACK_BYTES}`,
  "--export=__heap_base",
  "--strip-all",
  "--gc-sections",
];

const tolerant = process.argv.includes("--tolerant");

async function main() {
  const clang = findClang();
  if (clang === undefined) throw new Error(missing("clang++ 18 or newer", "clang-19 lld-19", "build the WASM kernels"));
  const linker = findWasmLinker(clang);
  if (linker === undefined) throw new Error(missing("wasm-ld", "lld-19", "link the WASM kernels"));

  const started = performance.now();
  const jobs = WASM_INSTRUCTION_SETS.flatMap((isa) =>
    listKernelFiles().map((file) => ({
      isa,
      file,
      flags: [...TARGET_FLAGS, ...KERNEL_FLAGS, `-I${INCLUDE}`, `-I${SOURCE}`, ...isaFlags(isa)],
    })),
  );
  const objects = await compileObjects({ compiler: clang, jobs, folder: join(buildFolder, "objects"), tolerant });
  const failed = new Set(jobs.filter((_, index) => objects[index] === "").map(({ file }) => file));
  const kernels = tolerant
    ? writeKernelListOf(listKernelFiles().filter((file) => !failed.has(file)), join(buildFolder, "tolerant")).kernels
    : listKernels();

  mkdirSync(generated, { recursive: true });
  const exports = kernels.map(({ name }) => `--export=${name}`);
  for (const isa of WASM_INSTRUCTION_SETS) {
    const module = join(buildFolder, `${isa.name}.${process.pid}.wasm`);
    const own = objects.filter((_, index) => jobs[index].isa === isa).filter((object) => object !== "");
    const link = spawnSync(linker, [...LINK_FLAGS, ...exports, "-o", module, ...own], { encoding: "utf8" });
    if (link.status !== 0) throw new Error(`${linker} could not link the ${isa.name} module:\n${link.stderr}`);
    const bytes = readFileSync(module);
    rmSync(module);
    const text = `/** The ${isa.name} module, base64. Made by scripts/build-wasm.mjs. */
export const MODULE_BASE64: string =
  "${bytes.toString("base64")}";
`;
    writeWhole(join(generated, `${isa.name}.ts`), text);
    const kilobytes = (count) => `${(count / 1000).toFixed(1)} kB`;
    console.log(`kernels-wasm: ${isa.name} ${kilobytes(bytes.length)} (${kilobytes(gzipSync(text).length)} gzipped as text)`);
  }
  console.log(`kernels-wasm: built with ${clang} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
