import type { BlockOps } from "./ops/block-ops.js";
import type { DecodeOps } from "./ops/decode-ops.js";
import type { DtypeOps } from "./ops/dtype-ops.js";
import type { FactorOps } from "./ops/factor-ops.js";
import type { FeedbackOps } from "./ops/feedback-ops.js";
import type { FitOps } from "./ops/fit-ops.js";
import type { GradientOps } from "./ops/gradient-ops.js";
import type { LayerOps } from "./ops/layer-ops.js";
import type { MultiplyOps } from "./ops/multiply-ops.js";
import type { StatisticsOps } from "./ops/statistics-ops.js";
import type { TransformOps } from "./ops/transform-ops.js";

export type BackendName = "reference" | "wasm" | "native";

/** The ops of a backend. Coarse: one call a layer or a block of rows, never one a row. */
export type KernelOps = DtypeOps &
  StatisticsOps &
  FitOps &
  DecodeOps &
  MultiplyOps &
  TransformOps &
  LayerOps &
  GradientOps &
  FactorOps &
  FeedbackOps &
  BlockOps;
export type OpName = keyof KernelOps;

/**
 * Memory that the ops of a backend use in place. Any typed array is accepted by any op, but arrays from elsewhere are
 * copied by backends with their own memory (WASM).
 */
export interface BackendBuffer {
  readonly byteLength: number;
  /**
   * A view on the whole buffer. On WASM the memory moves when it grows: take the view again after an `allocate`, and after
   * an op that was given large arrays from elsewhere (a view that has lost its memory is refused, `backend/stale-view`).
   */
  bytes(): Uint8Array;
  /** The same memory as f32; the start is aligned to 64 bytes. */
  floats(): Float32Array;
  release(): void;
}

/**
 * A set of kernels reached in one way. Chosen once, at the top, at run time, and passed down; there is no registry.
 * Bytes that fits and encodes write are equal on every backend, instruction set and thread count (docs/numerics.md).
 */
export interface KernelBackend extends KernelOps {
  readonly name: BackendName;
  /** Instruction set in use: "typescript", "scalar", "simd128", "relaxed-simd", "avx2", "avx512", "avx512vnni", "neon", "neon-dotprod". */
  readonly isa: string;
  /** Threads that one call may use. */
  readonly threads: number;
  /** Ops that are answered by the reference because this backend has no kernel for them; `lowbit doctor` prints them. */
  readonly borrowedOps: ReadonlySet<OpName>;
  allocate(byteLength: number): BackendBuffer;
  /** Frees memory and threads. The backend must not be used afterwards. */
  close(): void;
}
