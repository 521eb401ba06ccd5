// Builds dist/<platform>-<arch>/lowbit_kernels.node with clang or g++: no node-gyp, no download.
// Without a compiler it says so and leaves the package without a binary, unless CI or LOWBIT_REQUIRE_NATIVE is set.
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  compileObjects,
  INCLUDE,
  isaFlags,
  KERNEL_FLAGS,
  listKernelFiles,
  SOURCE,
  writeKernelListOf,
} from "@lowbit/kernels-src/scripts/compile-kernels.mjs";
import { findNativeCompiler, missing } from "@lowbit/kernels-src/scripts/compilers.mjs";
import { NATIVE_INSTRUCTION_SETS } from "@lowbit/kernels-src/scripts/instruction-sets.mjs";
import nodeApiHeaders from "node-api-headers";

const root = fileURLToPath(new URL("..", import.meta.url));
const required = process.env.CI === "true" || process.env.LOWBIT_REQUIRE_NATIVE === "1";

const tolerant = process.argv.includes("--tolerant");

function stop(reason) {
  console.error(`kernels-native: not built. ${reason}`);
  process.exit(required ? 1 : 0);
}

/** The kernel list of the files that compiled for every instruction set. */
function kernelListFolder(jobs, objects) {
  const failed = new Set(jobs.filter((_, index) => objects[index] === "").map(({ file }) => file));
  const files = listKernelFiles().filter((file) => !failed.has(file));
  return writeKernelListOf(files, join(root, "build/tolerant")).folder;
}

async function main() {
  const sets = NATIVE_INSTRUCTION_SETS[process.arch];
  if (process.platform === "win32" || sets === undefined) {
    stop(`There is no native build for ${process.platform}-${process.arch}; the WASM backend runs there.`);
  }
  const compiler = findNativeCompiler();
  if (compiler === undefined) stop(missing("A C++ compiler", "clang-19 (or g++)", "build the native kernels"));

  const shared = [...KERNEL_FLAGS, "-fPIC", "-pthread", `-I${INCLUDE}`, `-I${SOURCE}`];
  const started = performance.now();
  const objectFolder = join(root, "build/objects");
  const kernelJobs = sets.flatMap((isa) =>
    listKernelFiles().map((file) => ({ file, flags: [...shared, ...isaFlags(isa)] })),
  );
  const kernelObjects = await compileObjects({ compiler, jobs: kernelJobs, folder: objectFolder, tolerant });
  const listFlags = tolerant ? [`-I${kernelListFolder(kernelJobs, kernelObjects)}`] : [];

  const tableJobs = sets.map((isa) => ({
    file: join(SOURCE, "dispatch/isa_table.cpp"),
    flags: [...listFlags, ...shared, ...isaFlags(isa)],
  }));
  const hostJobs = [
    join(SOURCE, "dispatch/instruction_sets.cpp"),
    join(root, "native/thread_pool.cpp"),
    join(root, "native/binding.cpp"),
  ].map((file) => ({
    file,
    flags: [...listFlags, ...shared, `-I${nodeApiHeaders.include_dir}`, "-DNODE_GYP_MODULE_NAME=lowbit_kernels"],
  }));
  const hostObjects = await compileObjects({ compiler, jobs: [...tableJobs, ...hostJobs], folder: objectFolder });
  const objects = [...kernelObjects, ...hostObjects].filter((object) => object !== "");

  const folder = join(root, "dist", `${process.platform}-${process.arch}`);
  const target = join(folder, "lowbit_kernels.node");
  const partial = `${target}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  const linkFlags =
    process.platform === "darwin"
      ? ["-bundle", "-undefined", "dynamic_lookup"]
      : ["-shared", "-Wl,--gc-sections", "-s"];
  const link = spawnSync(compiler, [...linkFlags, "-pthread", "-o", partial, ...objects], { encoding: "utf8" });
  if (link.status !== 0) throw new Error(`${compiler} could not link the native kernels:\n${link.stderr}`);
  // A kernel that is listed but defined nowhere shows only when the module is loaded.
  const load = spawnSync(process.execPath, ["-e", `process.dlopen({ exports: {} }, ${JSON.stringify(partial)})`], {
    encoding: "utf8",
  });
  if (load.status !== 0) {
    rmSync(partial);
    throw new Error(`The native kernels were linked but do not load:\n${load.stderr}`);
  }
  renameSync(partial, target);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`kernels-native: ${sets.map((isa) => isa.name).join(", ")} built with ${compiler} in ${seconds} s`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
