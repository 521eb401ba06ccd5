import { elementCount } from "@lowbit/core/tensor";
import type { TensorPool } from "../forward/tensor-pool.js";
import { type GradientVisitor, visitFinite } from "./gradient-visitor.js";
import type { Parameter, ParameterGradients, ParameterKind } from "./parameter-gradients.js";

/**
 * Hands every gradient on as soon as it is complete, in one array that is used again. For parameters that the recorded
 * pass uses once.
 */
export class StreamedGradients implements ParameterGradients {
  readonly #pool: TensorPool;
  readonly #kinds: ReadonlySet<ParameterKind>;
  readonly #visit: GradientVisitor;

  constructor(pool: TensorPool, kinds: ReadonlySet<ParameterKind>, visit: GradientVisitor) {
    this.#pool = pool;
    this.#kinds = kinds;
    this.#visit = visit;
  }

  wants({ kind }: Parameter): boolean {
    return this.#kinds.has(kind);
  }

  accept(parameter: Parameter, add: (target: Float32Array) => void): void {
    const size = elementCount(parameter.shape);
    const buffer = this.#pool.takeBuffer(size * Float32Array.BYTES_PER_ELEMENT);
    try {
      const gradient = () => buffer.floats().subarray(0, size);
      gradient().fill(0);
      add(gradient());
      visitFinite(parameter, gradient(), this.#visit);
    } finally {
      this.#pool.giveBack(buffer);
    }
  }
}
