import type { BackendBuffer } from "@lowbit/core/backend";
import { elementCount } from "@lowbit/core/tensor";
import type { TensorPool } from "../forward/tensor-pool.js";
import { type GradientVisitor, visitFinite } from "./gradient-visitor.js";
import type { Parameter, ParameterGradients } from "./parameter-gradients.js";

/**
 * Adds up the gradients of parameters that are used several times (the head a few rows at a time, a tied matrix at both
 * ends) until they are visited.
 */
export class SummedGradients implements ParameterGradients {
  readonly #pool: TensorPool;
  readonly #identify: (parameter: Parameter) => Parameter;
  readonly #sums = new Map<string, { readonly parameter: Parameter; readonly buffer: BackendBuffer }>();

  /** `identify`: by which name and kind a parameter of the recorded pass is known; equal names are added up. */
  constructor(pool: TensorPool, identify: (parameter: Parameter) => Parameter = (parameter) => parameter) {
    this.#pool = pool;
    this.#identify = identify;
  }

  wants(): boolean {
    return true;
  }

  accept(used: Parameter, add: (target: Float32Array) => void): void {
    const parameter = this.#identify(used);
    const size = elementCount(parameter.shape);
    let sum = this.#sums.get(parameter.name);
    if (sum === undefined) {
      sum = { parameter, buffer: this.#pool.takeBuffer(size * Float32Array.BYTES_PER_ELEMENT) };
      this.#sums.set(parameter.name, sum);
      sum.buffer.floats().fill(0, 0, size);
    }
    add(sum.buffer.floats().subarray(0, size));
  }

  /** Visits sums that `isComplete`, in the order in which they began, and forgets them. */
  visit(visit: GradientVisitor, isComplete: (parameter: Parameter) => boolean = () => true): void {
    for (const [name, { parameter, buffer }] of [...this.#sums]) {
      if (!isComplete(parameter)) continue;
      visitFinite(parameter, buffer.floats().subarray(0, elementCount(parameter.shape)), visit);
      this.#sums.delete(name);
      this.#pool.giveBack(buffer);
    }
  }

  /** Frees sums that nobody visited. */
  clear(): void {
    for (const { buffer } of this.#sums.values()) this.#pool.giveBack(buffer);
    this.#sums.clear();
  }
}
