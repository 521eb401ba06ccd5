import type { ActivationKind, KernelBackend, RotaryTables } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { ActivationBits } from "../forward/activation-precision.js";
import { ComputeOps } from "../forward/compute-ops.js";
import type { AttentionContext, ForwardOps } from "../forward/forward-ops.js";
import type { Tensor } from "../forward/tensor.js";
import { TensorPool } from "../forward/tensor-pool.js";
import type { Embedding, LinearLayer, NormLayer } from "../model/layers.js";
import { activationGradient, gatedActivationGradient } from "./activation-gradients.js";
import { addGradient } from "./add-gradient.js";
import { attentionGradient } from "./attention-gradient.js";
import { embedGradient } from "./embed-gradient.js";
import type { GradientContext } from "./gradient-context.js";
import { linearGradient } from "./linear-gradient.js";
import { normGradient } from "./norm-gradient.js";
import { NO_PARAMETERS, type ParameterGradients } from "./parameter-gradients.js";
import { rotateGradient } from "./rotate-gradient.js";
import { splitColumnsGradient } from "./split-columns-gradient.js";
import { Tape } from "./tape.js";

export interface RecordingOptions {
  readonly activationBits?: ActivationBits;
  /** Where gradients of parameters go; absent: only gradients of activations are computed. */
  readonly parameters?: ParameterGradients;
}

/**
 * The op set that records. Everything it makes belongs to its tape and lives until `backward` has passed it (or `clear`);
 * a `scope` frees nothing, because the backward pass needs what was made in it.
 */
export class RecordingOps implements ForwardOps {
  readonly #compute: ComputeOps;
  readonly #tape: Tape;
  readonly #context: GradientContext;

  constructor(backend: KernelBackend, options: RecordingOptions = {}, pool: TensorPool = new TensorPool(backend)) {
    const { activationBits, parameters = NO_PARAMETERS } = options;
    const rounding = activationBits === undefined ? {} : { activationBits };
    this.#compute = new ComputeOps(backend, rounding, pool);
    this.#tape = new Tape(pool);
    this.#context = { backend, pool, tape: this.#tape, parameters, ...rounding };
  }

  /**
   * The gradients of `inputs` (tensors that these ops were given, not made by them), which the caller releases to the
   * pool; gradients of parameters go to `parameters` on the way. `gradient`, of the loss by `output`, is used up. Frees all
   * that was recorded.
   */
  backward(output: Tensor, gradient: Tensor, inputs: readonly Tensor[]): readonly Tensor[] {
    try {
      return this.#tape.backward(output, gradient, inputs);
    } finally {
      this.#compute.clear();
    }
  }

  /** Frees all that was recorded, without gradients. */
  clear(): void {
    this.#tape.clear();
    this.#compute.clear();
  }

  scope(body: () => Tensor): Tensor {
    return body();
  }

  embed(embedding: Embedding, tokens: Uint32Array, positions: Uint32Array): Tensor {
    return this.#record(this.#compute.embed(embedding, tokens, positions), (dy) =>
      embedGradient(this.#context, embedding, tokens, positions, dy),
    );
  }

  linear(layer: LinearLayer, x: Tensor): Tensor {
    return this.#record(this.#compute.linear(layer, x), (dy) => linearGradient(this.#context, layer, x, dy));
  }

  norm(layer: NormLayer, x: Tensor): Tensor {
    return this.#record(this.#compute.norm(layer, x), (dy) => normGradient(this.#context, layer, x, dy));
  }

  splitColumns(x: Tensor, widths: readonly number[], heads: number): readonly Tensor[] {
    const parts = this.#compute.splitColumns(x, widths, heads);
    this.#tape.record(parts, (...gradients) => splitColumnsGradient(this.#context, x, heads, gradients));
    return parts;
  }

  rotate(x: Tensor, tables: RotaryTables, positions: Uint32Array): Tensor {
    return this.#record(this.#compute.rotate(x, tables, positions), (dy) =>
      rotateGradient(this.#context, tables, positions, x, dy),
    );
  }

  /** @throws `gradient/cache-while-recording` */
  attention(query: Tensor, key: Tensor, value: Tensor, context: AttentionContext): Tensor {
    if (context.cache !== undefined) {
      throw new LowbitError(
        "gradient/cache-while-recording",
        "The pass that is recorded has a key-value cache; gradients need the keys and values of whole sequences, without one.",
      );
    }
    return this.#record(this.#compute.attention(query, key, value, context), (dy) =>
      attentionGradient(this.#context, context, query, key, value, dy),
    );
  }

  activation(kind: ActivationKind, x: Tensor): Tensor {
    return this.#record(this.#compute.activation(kind, x), (dy) => activationGradient(this.#context, kind, x, dy));
  }

  gatedActivation(kind: ActivationKind, gate: Tensor, up: Tensor): Tensor {
    return this.#record(this.#compute.gatedActivation(kind, gate, up), (dy) =>
      gatedActivationGradient(this.#context, kind, gate, up, dy),
    );
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#record(this.#compute.add(a, b), (dy) => addGradient(this.#context, a, b, dy));
  }

  #record(output: Tensor, backward: (dy: Tensor) => void): Tensor {
    this.#tape.record([output], backward);
    return output;
  }
}
