import type { ActivationKind, KernelBackend, RotaryTables } from "@lowbit/core/backend";
import type { ActivationBits } from "../forward/activation-precision.js";
import { ComputeOps } from "../forward/compute-ops.js";
import type { AttentionContext } from "../forward/forward-ops.js";
import type { Tensor } from "../forward/tensor.js";
import type { TensorPool } from "../forward/tensor-pool.js";
import type { LinearLayer, NormLayer } from "../model/layers.js";

/** Sees inputs [tokens, inFeatures] of the layers that it is registered for, by name of their weights; must not keep them. */
export type InputObservers = ReadonlyMap<string, (x: Tensor) => void>;

export interface CollectingOptions {
  readonly backend: KernelBackend;
  readonly pool: TensorPool;
  readonly activationBits?: ActivationBits;
  readonly observers: InputObservers;
  /** The block's output is not needed: what follows the last observed layer is not computed. */
  readonly endsEarly: boolean;
}

/**
 * Shows inputs of linear layers before these are computed. With `endsEarly`, once every observer has seen its input, the
 * remaining layers answer with memory of the right size and undefined contents.
 */
export class CollectingOps extends ComputeOps {
  readonly #observers: InputObservers;
  readonly #endsEarly: boolean;
  #seen = 0;

  constructor({ backend, pool, activationBits, observers, endsEarly }: CollectingOptions) {
    super(backend, activationBits === undefined ? {} : { activationBits }, pool);
    this.#observers = observers;
    this.#endsEarly = endsEarly;
  }

  get #isOver(): boolean {
    return this.#endsEarly && this.#seen === this.#observers.size;
  }

  override linear(layer: LinearLayer, x: Tensor): Tensor {
    const observe = this.#isOver ? undefined : this.#observers.get(layer.name);
    if (observe !== undefined) {
      observe(x);
      this.#seen++;
    }
    return this.#isOver ? this.make(x.rows, layer.outFeatures) : super.linear(layer, x);
  }

  override norm(layer: NormLayer, x: Tensor): Tensor {
    return this.#isOver ? this.#like(x) : super.norm(layer, x);
  }

  override splitColumns(x: Tensor, widths: readonly number[], heads: number): readonly Tensor[] {
    return this.#isOver
      ? widths.map((width) => this.make(x.rows, heads * width))
      : super.splitColumns(x, widths, heads);
  }

  override rotate(x: Tensor, tables: RotaryTables, positions: Uint32Array): Tensor {
    return this.#isOver ? this.#like(x) : super.rotate(x, tables, positions);
  }

  override attention(query: Tensor, key: Tensor, value: Tensor, context: AttentionContext): Tensor {
    return this.#isOver ? this.#like(query) : super.attention(query, key, value, context);
  }

  override activation(kind: ActivationKind, x: Tensor): Tensor {
    return this.#isOver ? this.#like(x) : super.activation(kind, x);
  }

  override gatedActivation(kind: ActivationKind, gate: Tensor, up: Tensor): Tensor {
    return this.#isOver ? this.#like(up) : super.gatedActivation(kind, gate, up);
  }

  override add(a: Tensor, b: Tensor): Tensor {
    return this.#isOver ? this.#like(a) : super.add(a, b);
  }

  #like(x: Tensor): Tensor {
    return this.make(x.rows, x.columns);
  }
}
