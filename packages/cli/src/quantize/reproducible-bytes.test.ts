import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendName } from "@lowbit/core/backend";
import { QUANTIZERS, resolveOptions } from "@lowbit/core/quantizers";
import { type TensorData, writeSafetensors } from "@lowbit/core/safetensors";
import { describeNativeBuild } from "@lowbit/kernels-native";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { QuantizeRequest } from "./run-quantize.js";

// Workers are plain Node: they need the built package.
const { runQuantize } = (await import(
  new URL("../../dist/quantize/run-quantize.js", import.meta.url).href
)) as typeof import("./run-quantize.js");

const { rowChunks } = (await import(new URL("./row-chunks.js", import.meta.resolve("@lowbit/core/pipeline")).href)) as {
  rowChunks(shape: { rows: number; columns: number }): readonly unknown[];
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-bytes-"));
  // Rows that leave a short last group, a copied norm; more rows than a block, and more than a chunk.
  const small = [
    weights("a.weight", [40, 172], "BF16"),
    weights("norm.weight", [172], "BF16"),
    weights("b.weight", [5000, 2], "F32"),
  ];
  const large = [...small, weights("c.weight", [140_000, 3], "F32"), weights("d.weight", [70_000, 4], "BF16")];
  await writeFile(join(folder, "small.safetensors"), writeSafetensors(small));
  await writeFile(join(folder, "large.safetensors"), writeSafetensors(large));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  delete process.env["LOWBIT_ISA"];
});

function weights(name: string, shape: readonly number[], dtype: "F32" | "BF16"): TensorData {
  let state = name.length;
  const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.tan(2.8 * (state / 2 ** 32 - 0.5)) * 0.02; // heavy tails: every group has outliers
  });
  const upper = () => Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16);
  return { name, dtype, shape, data: new Uint8Array(dtype === "F32" ? values.buffer : upper().buffer) };
}

type Settings = Pick<QuantizeRequest, "method" | "options" | "threads"> & { readonly backend: BackendName };

async function outputHash(model: "small" | "large", settings: Settings): Promise<string> {
  const output = join(await mkdtemp(join(folder, "run-")), "out.safetensors");
  await runQuantize({ input: join(folder, `${model}.safetensors`), output, ...settings });
  return createHash("sha256")
    .update(await readFile(output))
    .digest("hex");
}

/** Settings that take other ways through the kernels; every method's defaults come first. */
const VARIANTS: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  rtn: [
    { bits: 3, group: "row" },
    { bits: 2, group: "tensor" },
    { bits: 1 },
    { bits: 4, zero: "symmetric", shrink: 20 },
    { bits: 8, zero: "float", group: 32, shrink: 10 },
    { bits: 5, zero: "minimum", scaleDtype: "BF16", shrink: 10, shrinkExponent: 2 },
  ],
  hqq: [{ bits: 2, group: "row" }],
  nf4: [{ group: "row", scaleDtype: "F32" }],
  binary: [{ order: 2, mean: true, group: 64 }, { group: "tensor" }, { order: 4, group: "row" }],
  ternary: [{ rule: "twn", group: 64 }, { rule: "least-squares" }, { packing: "base-3", group: "row" }],
  "binary-coding": [
    { planes: 4, iterations: 0 },
    { planes: 3, group: "row" },
  ],
  arb: [
    { variant: "second-order", group: 64 },
    { variant: "row-column", iterations: 4 },
  ],
};
const cases = Object.values(QUANTIZERS).flatMap(({ name: method }) =>
  [{}, ...(VARIANTS[method] ?? [])].map((options) => ({ method, options })),
);
/** Defaults, and whatever reads a tensor more than once: partial results of its chunks are joined. */
const acrossChunks = cases.filter(({ method, options }) => {
  const quantizer = QUANTIZERS[method]!;
  const passes = quantizer.survey?.passes(resolveOptions(quantizer, options)) ?? 0;
  return passes > 0 || Object.keys(options).length === 0;
});

/** Every instruction set that runs here. */
const nativeBuild = describeNativeBuild();
const INSTRUCTION_SETS: readonly (readonly [backend: "native" | "wasm", isa: string])[] = [
  ...nativeBuild.instructionSets.filter(({ runs }) => runs).map(({ name }) => ["native", name] as const),
  ...["scalar", "simd128", "relaxed-simd"].map((name) => ["wasm", name] as const),
];

describe.each(cases)("$method $options", { timeout: 60_000 }, ({ method, options }) => {
  it("writes the reference's bytes on every backend and instruction set", async () => {
    const expected = await outputHash("small", { method, options, backend: "reference", threads: 1 });
    for (const [backend, isa] of INSTRUCTION_SETS) {
      process.env["LOWBIT_ISA"] = isa;
      expect(await outputHash("small", { method, options, backend, threads: 1 }), `${backend} ${isa}`).toBe(expected);
    }
  });
});

describe.each(acrossChunks)("$method $options in chunks", { timeout: 60_000 }, ({ method, options }) => {
  it("writes the same bytes with 1, 2 and 3 threads, the last on WASM kernels", async () => {
    const expected = await outputHash("large", { method, options, backend: "native", threads: 1 });
    for (const [backend, threads] of [
      ["native", 2],
      ["wasm", 3],
    ] as const) {
      expect(await outputHash("large", { method, options, backend, threads }), `${backend}, ${threads}`).toBe(expected);
    }
  });
});

it("the large model has tensors of several chunks, the small one rows with a short last group", () => {
  expect(rowChunks({ rows: 140_000, columns: 3 }).length).toBeGreaterThan(2);
  expect(172 % 128).not.toBe(0);
});

describe("workers", { timeout: 30_000 }, () => {
  it("end the run with the coded error of the first failure", async () => {
    const bad = weights("bad.weight", [64, 64], "F32");
    new Float32Array(bad.data.buffer)[64 * 3 + 2] = Number.NaN;
    const input = join(folder, "bad.safetensors");
    await writeFile(input, writeSafetensors([bad, weights("good.weight", [2000, 64], "F32")]));
    const output = join(folder, "never.safetensors");
    await expect(
      runQuantize({ input, output, method: "rtn", options: {}, threads: 2, backend: "native" }),
    ).rejects.toThrow(
      expect.objectContaining({
        code: "pipeline/non-finite-weight",
        facts: { tensor: "bad.weight", row: 3, column: 2, found: "NaN" },
      }),
    );
    await rm(input);
    expect((await readdir(folder)).filter((name) => name.startsWith("never"))).toEqual([]);
  });

  it("say why their backend cannot start", async () => {
    process.env["LOWBIT_ISA"] = "no-such-set";
    const request = { method: "rtn", options: {}, backend: "native" as const, threads: 2 };
    const output = join(folder, "never.safetensors");
    await expect(runQuantize({ input: join(folder, "large.safetensors"), output, ...request })).rejects.toThrow(
      expect.objectContaining({ code: "backend/unavailable" }),
    );
  });

  it("stop when the run is cancelled, and go on from there", async () => {
    const cancelled = new AbortController();
    const input = join(folder, "large.safetensors");
    const output = join(folder, "cancelled.safetensors");
    const request = { input, output, method: "rtn", options: {}, threads: 2, backend: "native" as const };
    const first = runQuantize({ ...request, signal: cancelled.signal, onProgress: () => cancelled.abort() });
    await expect(first).rejects.toThrow(expect.objectContaining({ code: "pipeline/aborted" }));
    await runQuantize({ ...request, resume: true });
    const bytes = await readFile(output);
    await rm(output);
    const expected = await outputHash("large", { method: "rtn", options: {}, threads: 1, backend: "native" });
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(expected);
  });
});
