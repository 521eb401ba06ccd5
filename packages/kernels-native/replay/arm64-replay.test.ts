import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allocateArrayBuffer, COMPILED_OPS, createCompiledBackend } from "@lowbit/core/backend";
import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { afterAll, describe, expect, it } from "vitest";
import { loadBinding } from "../src/load-binding.js";
import { NativeKernelCaller } from "../src/native-kernel-caller.js";
import { buildReplay, EMULATOR, whatIsMissing } from "./build-arm64-replay.mjs";
import { RecordingCaller } from "./record-kernel-calls.js";

const { kernels, close } = loadBinding().open("scalar", 1);
const recording = new RecordingCaller(new NativeKernelCaller(kernels));

defineBackendConformance("native scalar, recorded", () =>
  createCompiledBackend({
    name: "native",
    isa: "scalar",
    threads: 1,
    ops: COMPILED_OPS,
    kernels: recording,
    allocate: allocateArrayBuffer,
    close,
  }),
);

// Kernels that no op calls: `lowbit bench roofline` measures the limit of the machine with them.
const MEASURING_KERNELS = ["read_bandwidth"];

it("the conformance suite calls every kernel of the build", () => {
  const idle = Object.keys(kernels).filter((name) => !recording.kernels.includes(name));
  expect(idle.filter((name) => !MEASURING_KERNELS.includes(name))).toEqual([]);
});

// Kernel calls that the suite above made, of every kernel, again on an emulated arm64. Everything that may be stored has
// the same bytes; f32 products and layers are close (the table of replay.cpp).
describe("the recorded calls on arm64", () => {
  const folder = mkdtempSync(join(tmpdir(), "lowbit-replay-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const lacking = whatIsMissing();
  const required = process.env["CI"] === "true" || process.env["LOWBIT_REQUIRE_NATIVE"] === "1";

  if (lacking !== undefined && !required) {
    console.log(`SKIPPED: the arm64 kernels are not checked here. ${lacking}`);
    it("are skipped on this machine, which lacks the cross compiler or the emulator", () =>
      expect(lacking).toBeTruthy());
    return;
  }
  it("give the same outputs with scalar, neon and neon-dotprod", { timeout: 900_000 }, async () => {
    expect(lacking).toBeUndefined();
    const file = join(folder, "calls.bin");
    recording.write(file);
    const program = await buildReplay();
    for (const isa of ["scalar", "neon", "neon-dotprod"]) {
      const run = spawnSync(EMULATOR, ["-cpu", "max", program, file, isa], { encoding: "utf8" });
      console.log(run.stdout.trim());
      expect({ status: run.status, text: run.stdout + run.stderr }).toMatchObject({ status: 0 });
    }
    // A CPU without the dot product must not be offered it.
    const old = spawnSync(EMULATOR, ["-cpu", "cortex-a53", program, file, "neon-dotprod"], { encoding: "utf8" });
    expect(old.stderr).toContain("neon-dotprod does not run here");
  });
});
