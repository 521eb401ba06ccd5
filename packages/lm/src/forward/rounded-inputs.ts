import type { ActivationBits } from "./activation-precision.js";
import { type LinearContext, type RoundedActivations, roundActivations } from "./rounded-activations.js";
import type { Tensor } from "./tensor.js";

/**
 * The rounded activations of the tensor that a linear layer read last. Queries, keys and values read the same tensor, and so
 * do gate and up: it is rounded once. Tensors never change once they are made, so the same tensor has the same values.
 */
export class RoundedInputs {
  #tensor: Tensor | undefined;
  #bits: ActivationBits | undefined;
  #rounded: RoundedActivations | undefined;

  /** Stays valid until another tensor is asked for or this one is forgotten. */
  of(tensor: Tensor, bits: ActivationBits, context: LinearContext): RoundedActivations {
    if (this.#rounded !== undefined && this.#tensor === tensor && this.#bits === bits) return this.#rounded;
    this.clear();
    this.#rounded = roundActivations(tensor, bits, context);
    this.#tensor = tensor;
    this.#bits = bits;
    return this.#rounded;
  }

  /** To be told of every tensor whose memory is given back. */
  forget(tensor: Tensor): void {
    if (tensor === this.#tensor) this.clear();
  }

  /** Frees what is held. */
  clear(): void {
    this.#rounded?.release();
    this.#rounded = undefined;
    this.#tensor = undefined;
  }
}
