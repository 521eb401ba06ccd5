// llama.cpp comes with kernels for many kinds of CPU and takes the fastest that this one runs. Importing this module leaves
// it those for AVX2, else the portable ones: every machine computes the same logits, and none by way of matrix tiles.

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const KERNELS = ["libggml-cpu-haswell.so", "libggml-cpu-x64.so"];

/** Gives llama.cpp another folder to load kernels from: one that holds these alone. */
function usePlainKernels(addon, addonPath) {
  const load = addon.loadBackends;
  if (load === undefined) return addon;
  const loadPlain = (given) => {
    if (given === undefined) return load();
    const folder = mkdtempSync(join(tmpdir(), "lowbit-llama-kernels-"));
    try {
      for (const name of KERNELS) symlinkSync(join(dirname(addonPath), name), join(folder, name));
      load(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return Object.create(addon, { loadBackends: { value: loadPlain } });
}

const open = process.dlopen;
process.dlopen = (target, path, ...rest) => {
  open(target, path, ...rest);
  target.exports = usePlainKernels(target.exports, path);
};
