import type { KernelBackend } from "@lowbit/core/backend";
import { placedByteLength, placeTerm, type Term, type TermLayout, termByteLength } from "@lowbit/core/terms";
import { median } from "./median.js";
import { filledBuffer, ROOFLINE_BYTES, secondsOf } from "./roofline.js";
import { squareMatmul } from "./square-matmul.js";

/** One product, measured beside the reading of memory in the same rounds. */
export interface KernelFigure {
  /** "affine 4 bits g128 × int8". */
  readonly name: string;
  /** Bytes of the term that one call reads, scales included. */
  readonly bytes: number;
  readonly weights: number;
  /** Medians over the rounds: 1e9 bytes and 1e9 weights a second. */
  readonly gigabytes: number;
  readonly gigaweights: number;
  /** Median over the rounds of this kernel's speed over that of reading memory just before it. */
  readonly shareOfRead: number;
}

export interface KernelFigures {
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
  /** Median speed of reading memory in the same rounds, 1e9 bytes a second. */
  readonly read: number;
  readonly rounds: number;
  readonly products: readonly KernelFigure[];
  /** matmul of two square matrices (1024 rows): best round, 1e9 operations a second (a multiplication and an addition are two). */
  readonly matmul: number;
}

const COLUMNS = 4096;
const MATMUL_SIZE = 1024;
/** Room for one token as f32 and int8; outputs of at most one row for 512 bytes follow. */
const OPERAND_FLOATS = 2 * COLUMNS;

interface KernelCase {
  readonly name: string;
  readonly layout: (rows: number) => TermLayout;
  readonly run: (backend: KernelBackend, term: Term, x: BenchActivations, y: Float32Array) => void;
}

interface BenchActivations {
  readonly floats: { values: Float32Array; tokens: number; columns: number };
  readonly int8: { codes: Int8Array; scale: Float32Array; tokens: number; columns: number };
}

export interface KernelBenchOptions {
  readonly rounds?: number;
  /** Memory that holds the weights; larger than any cache, or figures are those of a cache. */
  readonly bytes?: number;
  readonly matmulSize?: number;
}

/** One token against weights of `bytes` bytes, which are in no cache. */
export function measureKernels(backend: KernelBackend, options: KernelBenchOptions = {}): KernelFigures {
  const { rounds = 5, bytes = ROOFLINE_BYTES, matmulSize = MATMUL_SIZE } = options;
  const memory = filledBuffer(backend, bytes);
  const operands = backend.allocate(4 * (OPERAND_FLOATS + (8 * bytes) / COLUMNS));
  const cases = KERNEL_CASES.map((kernel) => prepare(kernel, memory.bytes()));
  const x = activations(backend, operands.floats());
  const y = operands.floats().subarray(OPERAND_FLOATS);
  const samples = cases.map(() => ({ seconds: [] as number[], shares: [] as number[] }));
  const reads: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    cases.forEach(({ kernel, term, termBytes }, i) => {
      const read = bytes / secondsOf(() => backend.readBandwidth(memory.bytes()));
      const out = y.subarray(0, term.layout.rows);
      const seconds = secondsOf(() => kernel.run(backend, term, x, out));
      if (round === 0) return; // warms up
      reads.push(read);
      samples[i]!.seconds.push(seconds);
      samples[i]!.shares.push(termBytes / seconds / read);
    });
  }
  const products = cases.map(({ kernel, term, termBytes }, i) => {
    const seconds = median(samples[i]!.seconds);
    const weights = term.layout.rows * COLUMNS;
    const rates = { gigabytes: termBytes / seconds / 1e9, gigaweights: weights / seconds / 1e9 };
    return { name: kernel.name, bytes: termBytes, weights, ...rates, shareOfRead: median(samples[i]!.shares) };
  });
  memory.release();
  operands.release();
  const { name, isa, threads } = backend;
  return {
    backend: name,
    isa,
    threads,
    read: median(reads) / 1e9,
    rounds,
    products,
    matmul: measureMatmul(backend, matmulSize),
  };
}

/** A term with as many rows as fit the memory; its codes and scales are what lies there: speed does not depend on it. */
function prepare(kernel: KernelCase, memory: Uint8Array) {
  const perRow = placedByteLength(kernel.layout(1024)) / 1024;
  const rows = Math.floor((memory.byteLength - 4096) / perRow / 16) * 16;
  const layout = kernel.layout(rows);
  const term = placeTerm(layout, memory);
  return { kernel, term, termBytes: termByteLength(layout) };
}

function activations(backend: KernelBackend, floats: Float32Array): BenchActivations {
  const values = floats.subarray(0, COLUMNS);
  for (let i = 0; i < COLUMNS; i++) values[i] = ((i * 37) % 255) / 128 - 1;
  const bytes = new Uint8Array(floats.buffer, floats.byteOffset + 4 * COLUMNS, COLUMNS);
  const int8 = {
    codes: new Int8Array(bytes.buffer, bytes.byteOffset, COLUMNS),
    scale: floats.subarray(OPERAND_FLOATS - 1, OPERAND_FLOATS),
    tokens: 1,
    columns: COLUMNS,
  };
  const x = { values, tokens: 1, columns: COLUMNS };
  backend.quantizeActivations(x, int8);
  return { floats: x, int8 };
}

function measureMatmul(backend: KernelBackend, size: number): number {
  const matmul = squareMatmul(backend, size);
  const rates = Array.from({ length: 5 }, () => matmul.measure());
  matmul.release();
  return Math.max(...rates);
}

const SHARED = { columns: COLUMNS, scaleDtype: "F16" } as const;

function affine(bits: number, groupSize: number): KernelCase["layout"] {
  return (rows) => ({ kind: "affine", rows, bits, zero: "midpoint", groupSize, granularity: "group", ...SHARED });
}
const ternary: KernelCase["layout"] = (rows) => ({
  kind: "ternary",
  rows,
  packing: "two-bit",
  granularity: "row",
  groupSize: COLUMNS,
  ...SHARED,
});
const sign: KernelCase["layout"] = (rows) => ({
  kind: "sign",
  rows,
  zones: 1,
  hasMean: false,
  hasColumnScale: false,
  granularity: "row",
  groupSize: COLUMNS,
  ...SHARED,
});

const affineInt8: KernelCase["run"] = (backend, term, x, y) =>
  backend.affineMultiplyInt8(term as Term<Extract<TermLayout, { kind: "affine" }>>, x.int8, y);
const affineFloat: KernelCase["run"] = (backend, term, x, y) =>
  backend.affineMultiply(term as Term<Extract<TermLayout, { kind: "affine" }>>, x.floats, y);

const KERNEL_CASES: readonly KernelCase[] = [
  {
    name: "ternary × int8",
    layout: ternary,
    run: (backend, term, x, y) =>
      backend.ternaryMultiplyInt8(term as Term<Extract<TermLayout, { kind: "ternary" }>>, x.int8, y),
  },
  {
    name: "sign × int8",
    layout: sign,
    run: (backend, term, x, y) =>
      backend.signMultiplyInt8(term as Term<Extract<TermLayout, { kind: "sign" }>>, x.int8, y),
  },
  { name: "affine 4 bits g128 × int8", layout: affine(4, 128), run: affineInt8 },
  { name: "affine 4 bits g32 × int8", layout: affine(4, 32), run: affineInt8 },
  { name: "affine 2 bits g64 × int8", layout: affine(2, 64), run: affineInt8 },
  { name: "affine 8 bits g128 × int8", layout: affine(8, 128), run: affineInt8 },
  {
    name: "ternary × f32",
    layout: ternary,
    run: (backend, term, x, y) =>
      backend.ternaryMultiply(term as Term<Extract<TermLayout, { kind: "ternary" }>>, x.floats, y),
  },
  {
    name: "sign × f32",
    layout: sign,
    run: (backend, term, x, y) =>
      backend.signMultiply(term as Term<Extract<TermLayout, { kind: "sign" }>>, x.floats, y),
  },
  { name: "affine 4 bits g128 × f32", layout: affine(4, 128), run: affineFloat },
  { name: "affine 8 bits g128 × f32", layout: affine(8, 128), run: affineFloat },
];
