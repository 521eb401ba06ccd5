import type { BackendBuffer, KernelBackend } from "../../backend/kernel-backend.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { StatisticValues } from "../layer-statistics.js";
import { rememberFactor } from "./factor-memory.js";
import { unpackHessian } from "./unpack-hessian.js";

/** The factor that compensation and saliency use. Others may be using it: leave its arrays as they are. */
export interface DampedFactor {
  /** U, [columns, columns] f32: `(H + damping · mean(diag H) · I)⁻¹ = Uᵀ·U`. */
  readonly factor: Float32Array;
  /** U[j][j]. */
  readonly diagonal: Float32Array;
  /**
   * 1: an input that is 0 in every sample, in the order of the loop; H[j][j] was 0, 1 was used. Its weights do not matter:
   * set them to 0 with `clearDeadColumns` before anything is fitted to them.
   */
  readonly dead: Uint8Array;
  /** What was used: as asked, or ten times as much for each retry. */
  readonly damping: number;
}

/** Tries with ten times the damping, after the first. */
const RETRIES = 2;

/** 12 bytes an element of H and U, in the 4 GiB of a WebAssembly memory. */
const WASM_COLUMNS = 16_384;

/**
 * The mean of the diagonal is that of the inputs that are not dead (the GPTQ code counts the 1 of dead ones as well, which
 * makes the damping depend on the unit of the activations).
 * @param hessian packed lower triangle, see `LayerStatistics`
 * @param order input features in the order of the loop (act-order); absent: as they stand
 * @throws `quantize/not-positive-definite` after the retries, `quantize/layer-too-wide` beyond the memory of the backend
 */
export function dampedFactor(
  hessian: StatisticValues,
  columns: number,
  damping: number,
  backend: KernelBackend,
  order?: Uint32Array,
): DampedFactor {
  return rememberFactor(hessian, damping, backend, order, () => makeFactor(hessian, columns, damping, backend, order));
}

function makeFactor(
  hessian: StatisticValues,
  columns: number,
  damping: number,
  backend: KernelBackend,
  order: Uint32Array | undefined,
): DampedFactor {
  if (backend.name === "wasm" && columns > WASM_COLUMNS) throw tooWide(columns, backend);
  const elements = columns ** 2;
  const memory = allocate(12 * elements, columns, backend);
  try {
    for (let attempt = 0, used = damping; ; attempt++, used *= 10) {
      const { buffer, byteOffset } = memory.bytes();
      const damped = new Float64Array(buffer, byteOffset, elements);
      const result = new Float32Array(buffer, byteOffset + 8 * elements, elements);
      const { dead, meanDiagonal } = unpackHessian(hessian, columns, order, damped);
      for (let j = 0; j < columns; j++) damped[j * (columns + 1)]! += used * meanDiagonal;
      const failed = backend.inverseFactor(damped, columns, result);
      if (failed < 0) {
        const factor = result.slice();
        return { factor, diagonal: factorDiagonal(factor, columns), dead, damping: used };
      }
      if (attempt === RETRIES) {
        throw new LowbitError(
          "quantize/not-positive-definite",
          `The Hessian of ${columns} inputs is not positive definite with a damping of ${used}: pivot ${failed} of its factorisation is not a positive number.`,
          { columns, damping: used, asked: damping, pivot: failed },
        );
      }
    }
  } finally {
    memory.release();
  }
}

/**
 * The weights of dead inputs become 0.
 * @param dead in the order of the columns of `weights`, or in `order` where one is given
 */
export function clearDeadColumns({ values, rows, columns }: RowBlock, dead: Uint8Array, order?: Uint32Array): void {
  dead.forEach((isDead, position) => {
    if (!isDead) return;
    const column = order ? order[position]! : position;
    for (let row = 0; row < rows; row++) values[row * columns + column] = 0;
  });
}

function factorDiagonal(factor: Float32Array, columns: number): Float32Array {
  return Float32Array.from({ length: columns }, (_, j) => factor[j * (columns + 1)]!);
}

/** Memory of the backend's own: the factorisation makes many calls, and WASM would copy other memory for each. */
function allocate(byteLength: number, columns: number, backend: KernelBackend): BackendBuffer {
  try {
    return backend.allocate(byteLength);
  } catch (cause) {
    throw tooWide(columns, backend, cause);
  }
}

function tooWide(columns: number, backend: KernelBackend, cause?: unknown): LowbitError {
  return new LowbitError(
    "quantize/layer-too-wide",
    `A layer of ${columns} inputs needs ${Math.ceil((12 * columns ** 2) / 2 ** 20)} MiB to factorise its Hessian, more than the ${backend.name} backend has.`,
    { columns, backend: backend.name, bytes: 12 * columns ** 2 },
    { cause },
  );
}
