import type { ActivationKind, KernelBackend, RotaryTables } from "@lowbit/core/backend";
import type { Embedding, LinearLayer, NormLayer, WeightMatrix } from "../model/layers.js";
import { type ActivationBits, checkActivationBits } from "./activation-precision.js";
import { checkRows } from "./check-rows.js";
import type { AttentionContext, ForwardOps } from "./forward-ops.js";
import { decodeRows, type LinearContext, multiplyLinear } from "./linear.js";
import { RoundedInputs } from "./rounded-inputs.js";
import type { Tensor } from "./tensor.js";
import { TensorPool } from "./tensor-pool.js";

/** Sees the input and output of every linear layer as it is computed; must not keep them. */
export type LinearObserver = (layer: LinearLayer, x: Tensor, y: Tensor) => void;

export interface ComputeOptions {
  readonly activationBits?: ActivationBits;
  readonly onLinear?: LinearObserver;
}

/** The op set that just computes. Tensors made outside every `scope` belong to the caller (`release`). */
export class ComputeOps implements ForwardOps {
  readonly backend: KernelBackend;
  readonly pool: TensorPool;
  readonly #options: ComputeOptions;
  readonly #linearContext: LinearContext;
  readonly #roundedInputs = new RoundedInputs();
  /** Tensors of the open scopes, innermost last. */
  readonly #scopes: Tensor[][] = [];

  /** @throws `model/invalid-option` */
  constructor(backend: KernelBackend, options: ComputeOptions = {}, pool: TensorPool = new TensorPool(backend)) {
    this.backend = backend;
    this.pool = pool;
    this.#options = options;
    const rounding =
      options.activationBits === undefined ? {} : { activationBits: checkActivationBits(options.activationBits) };
    this.#linearContext = { backend, pool, roundedInputs: this.#roundedInputs, ...rounding };
  }

  /** A tensor that the innermost scope frees, contents undefined. */
  make(rows: number, columns: number): Tensor {
    const tensor = this.pool.allocate(rows, columns);
    this.#scopes.at(-1)?.push(tensor);
    return tensor;
  }

  /** Frees a tensor that was made outside every scope. */
  release(tensor: Tensor): void {
    this.#roundedInputs.forget(tensor);
    this.pool.giveBack(tensor.buffer);
  }

  /** Frees what is kept from layer to layer, for users that give tensors back to the pool themselves. */
  clear(): void {
    this.#roundedInputs.clear();
  }

  scope(body: () => Tensor): Tensor {
    const made: Tensor[] = [];
    this.#scopes.push(made);
    let result: Tensor | undefined;
    try {
      result = body();
      return result;
    } finally {
      this.#scopes.pop();
      for (const tensor of made) {
        if (tensor.buffer !== result?.buffer) this.release(tensor);
        else this.#scopes.at(-1)?.push(tensor);
      }
    }
  }

  /** @throws `model/unknown-token`, `model/unknown-position` */
  embed(embedding: Embedding, tokens: Uint32Array, positions: Uint32Array): Tensor {
    checkRows(embedding, tokens, positions);
    const { tokens: table, positions: positionTable } = embedding;
    const x = this.make(tokens.length, table.columns);
    this.#gather(table, tokens, x);
    if (positionTable === undefined) return x;
    return this.scope(() => {
      const added = this.make(positions.length, positionTable.columns);
      this.#gather(positionTable, positions, added);
      this.backend.addTo(added.values, x.values);
      return x;
    });
  }

  #gather(table: WeightMatrix, rows: Uint32Array, target: Tensor): void {
    const [term] = table.terms;
    if (table.terms.length === 1 && term!.layout.kind === "dense" && table.inputTransforms.length === 0) {
      const { values } = term!.arrays as { values: Uint8Array };
      this.backend.gatherRows(term!.layout.valueDtype, values, rows, target);
      return;
    }
    rows.forEach((row, i) => {
      const into = target.values.subarray(i * target.columns, (i + 1) * target.columns);
      decodeRows(table, row, 1, into, this.backend);
    });
  }

  linear(layer: LinearLayer, x: Tensor): Tensor {
    const y = this.make(x.rows, layer.outFeatures);
    multiplyLinear(layer, x, y, this.#linearContext);
    this.#options.onLinear?.(layer, x, y);
    return y;
  }

  norm({ kind, weight, bias, epsilon }: NormLayer, x: Tensor): Tensor {
    const y = this.make(x.rows, x.columns);
    const rows = x.reshape(weight.values.length);
    if (kind === "rms") this.backend.rmsNorm(rows, weight.values, epsilon, y.values);
    else this.backend.layerNorm(rows, weight.values, bias?.values ?? null, epsilon, y.values);
    return y;
  }

  splitColumns(x: Tensor, widths: readonly number[], heads: number): readonly Tensor[] {
    const headWidth = x.columns / heads;
    let begin = 0;
    return widths.map((width) => {
      const part = this.make(x.rows, heads * width);
      copySpans(x.values.subarray(begin), headWidth, part.values, width, x.rows * heads, width);
      begin += width;
      return part;
    });
  }

  rotate(x: Tensor, tables: RotaryTables, positions: Uint32Array): Tensor {
    const y = this.make(x.rows, x.columns);
    y.values.set(x.values);
    this.backend.rotaryEmbedding(y, tables, positions, false);
    return y;
  }

  attention(plainQuery: Tensor, plainKey: Tensor, value: Tensor, context: AttentionContext): Tensor {
    const { cache, ...shape } = context;
    const query = this.#turned(plainQuery, cache?.keyRotation);
    const key = this.#turned(plainKey, cache?.keyRotation);
    const queryLength = query.rows / context.sequences;
    const y = this.make(query.rows, query.columns);
    cache?.append(key, value);
    const held = cache?.read() ?? {
      keys: key.values,
      values: value.values,
      keyLength: queryLength,
      keyStride: queryLength,
    };
    const { keyLength, keyStride } = held;
    this.backend.attention(
      query.values,
      held.keys,
      held.values,
      { ...shape, queryLength, keyLength, keyStride },
      y.values,
    );
    return y;
  }

  #turned(x: Tensor, size: number | undefined): Tensor {
    if (size === undefined) return x;
    const y = this.make(x.rows, x.columns);
    y.values.set(x.values);
    this.backend.walshHadamard(y, size);
    return y;
  }

  activation(kind: ActivationKind, x: Tensor): Tensor {
    const y = this.make(x.rows, x.columns);
    this.backend.activation(kind, x.values, y.values);
    return y;
  }

  gatedActivation(kind: ActivationKind, gate: Tensor, up: Tensor): Tensor {
    const y = this.make(up.rows, up.columns);
    this.backend.gatedActivation(kind, gate.values, up.values, y.values);
    return y;
  }

  add(a: Tensor, b: Tensor): Tensor {
    const y = this.make(a.rows, a.columns);
    y.values.set(a.values);
    this.backend.addTo(b.values, y.values);
    return y;
  }
}

/** Copies `count` spans of `width` from every `fromStride` to every `toStride` elements. */
function copySpans(
  from: Float32Array,
  fromStride: number,
  to: Float32Array,
  toStride: number,
  count: number,
  width: number,
): void {
  for (let i = 0; i < count; i++) to.set(from.subarray(i * fromStride, i * fromStride + width), i * toStride);
}
