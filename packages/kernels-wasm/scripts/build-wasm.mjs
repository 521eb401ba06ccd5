// Builds the WASM modules with clang and wasm-ld and writes each one as src/generated/<bundle>/<variant>.ts (base64), so that
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
// Unrolling doubles the modules and gains nothing: a loop over sixteen lanes is four vectors already. The scalar module
// is for hosts that hardly exist any more, so there only size counts.
const SIZE_FLAGS = {
  scalar: ["-Os"],
  simd128: ["-O2", "-fno-unroll-loops"],
  "relaxed-simd": ["-O2", "-fno-unroll-loops"],
};
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

/**
 * What a module holds. "inspect" is for pages that only look at models: all of "all" would be too much to download.
 * Keep it in step with INSPECT_OPS of core.
 */
const BUNDLES = {
  all: { variants: ["scalar", "simd128", "relaxed-simd"], isWanted: () => true },
  inspect: {
    variants: ["scalar", "simd128"],
    isWanted: (name) =>
      /^(decode_(f16|bf16|f32|f64|table)|row_statistics|histogram16|histogram_floats|outlier_tiles|error_statistics)$/.test(
        name,
      ),
  },
};

const kilobytes = (count) => `${(count / 1000).toFixed(1)} kB`;

/** The module with these exports; --gc-sections leaves out what they do not reach. */
function linkModule(linker, isa, names, objects) {
  const module = join(buildFolder, `${isa.name}.${process.pid}.wasm`);
  const exports = names.map((name) => `--export=${name}`);
  const link = spawnSync(linker, [...LINK_FLAGS, ...exports, "-o", module, ...objects], { encoding: "utf8" });
  if (link.status !== 0) throw new Error(`${linker} could not link the ${isa.name} module:\n${link.stderr}`);
  const bytes = readFileSync(module);
  rmSync(module);
  return bytes;
}

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
      flags: [
        ...TARGET_FLAGS,
        ...KERNEL_FLAGS,
        `-I${INCLUDE}`,
        `-I${SOURCE}`,
        ...isaFlags(isa),
        ...SIZE_FLAGS[isa.name],
      ],
    })),
  );
  const objects = await compileObjects({ compiler: clang, jobs, folder: join(buildFolder, "objects"), tolerant });
  const failed = new Set(jobs.filter((_, index) => objects[index] === "").map(({ file }) => file));
  const kernels = tolerant
    ? writeKernelListOf(
        listKernelFiles().filter((file) => !failed.has(file)),
        join(buildFolder, "tolerant"),
      ).kernels
    : listKernels();

  for (const [bundle, { variants, isWanted }] of Object.entries(BUNDLES)) {
    const names = kernels.map(({ name }) => name).filter(isWanted);
    if (names.length === 0) throw new Error(`The bundle "${bundle}" matches no kernel.`);
    mkdirSync(join(generated, bundle), { recursive: true });
    for (const isa of WASM_INSTRUCTION_SETS.filter(({ name }) => variants.includes(name))) {
      const own = objects.filter((object, index) => jobs[index].isa === isa && object !== "");
      const bytes = linkModule(linker, isa, names, own);
      const text = `/** ${names.length} kernels for ${isa.name}, base64. Made by scripts/build-wasm.mjs. */
export const MODULE_BASE64: string =
  "${bytes.toString("base64")}";
`;
      writeWhole(join(generated, bundle, `${isa.name}.ts`), text);
      const sizes = `${kilobytes(bytes.length)} (${kilobytes(gzipSync(text).length)} gzipped as text)`;
      console.log(`kernels-wasm: ${bundle}/${isa.name}: ${names.length} kernels, ${sizes}`);
    }
  }
  console.log(`kernels-wasm: built with ${clang} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
