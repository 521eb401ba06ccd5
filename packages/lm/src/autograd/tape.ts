import type { BackendBuffer } from "@lowbit/core/backend";
import type { Tensor } from "../forward/tensor.js";
import type { TensorPool } from "../forward/tensor-pool.js";

interface TapeEntry {
  readonly outputs: readonly Tensor[];
  /** From the gradients of the outputs to those of the inputs and parameters; each is added to. */
  readonly backward: (...gradients: readonly Tensor[]) => void;
}

/**
 * Ops in the order in which they ran. Walked in reverse, the outputs of an op are needed by nobody once its own backward
 * is done (all that use them ran later), so that values and gradients are freed on the way.
 */
export class Tape {
  readonly #pool: TensorPool;
  #entries: TapeEntry[] = [];
  readonly #gradients = new Map<BackendBuffer, Tensor>();

  constructor(pool: TensorPool) {
    this.#pool = pool;
  }

  /** The tape owns the outputs from now on. */
  record(outputs: readonly Tensor[], backward: TapeEntry["backward"]): void {
    this.#entries.push({ outputs, backward });
  }

  /** Where the gradient of a tensor is added up; zeros at first use. May allocate: take no views before. */
  gradient(of: Tensor): Tensor {
    const known = this.#gradients.get(of.buffer);
    if (known !== undefined) return known;
    const gradient = this.#pool.allocate(of.rows, of.columns);
    gradient.values.fill(0);
    this.#gradients.set(of.buffer, gradient);
    return gradient;
  }

  /**
   * Walks the tape from `output` with its gradient, which the tape takes over, and returns the gradients of `inputs`
   * (tensors that no recorded op made), which the caller releases. The tape is empty afterwards.
   */
  backward(output: Tensor, gradient: Tensor, inputs: readonly Tensor[]): readonly Tensor[] {
    this.#gradients.set(output.buffer, gradient);
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      const { outputs } = entry;
      try {
        if (outputs.some(({ buffer }) => this.#gradients.has(buffer))) {
          entry.backward(...outputs.map((made) => this.gradient(made)));
        }
      } finally {
        for (const made of outputs) this.#free(made);
      }
    }
    const found = inputs.map((input) => this.gradient(input));
    for (const input of inputs) this.#gradients.delete(input.buffer);
    this.clear();
    return found;
  }

  /** Frees everything that was recorded, without its gradients. */
  clear(): void {
    for (const { outputs } of this.#entries.splice(0)) for (const made of outputs) this.#free(made);
    for (const { buffer } of this.#gradients.values()) this.#pool.giveBack(buffer);
    this.#gradients.clear();
  }

  #free(made: Tensor): void {
    this.#pool.giveBack(made.buffer);
    const gradient = this.#gradients.get(made.buffer);
    if (gradient === undefined) return;
    this.#gradients.delete(made.buffer);
    this.#pool.giveBack(gradient.buffer);
  }
}
