import type { Int8Activations, KernelBackend } from "@lowbit/core/backend";
import { type ActivationBits, largestCode } from "./activation-precision.js";
import type { RoundedInputs } from "./rounded-inputs.js";
import type { Tensor } from "./tensor.js";
import type { TensorPool } from "./tensor-pool.js";

export interface LinearContext {
  readonly backend: KernelBackend;
  readonly pool: TensorPool;
  /** Rounds the activations of layers that allow it, per token; integer kernels where the term has one. */
  readonly activationBits?: ActivationBits;
  /** Present: layers that read the same tensor share its rounded activations. */
  readonly roundedInputs?: RoundedInputs;
}

/** Activations of which only codes and a scale a token are left. */
export interface RoundedActivations {
  activations(): Int8Activations;
  /** The same rounded values as f32, for terms without an integer kernel. */
  asFloats(): Tensor;
  release(): void;
}

/** Symmetric rounding per token, see `quantizeActivations`. */
export function roundActivations(
  x: Tensor,
  bits: ActivationBits,
  { backend, pool }: LinearContext,
): RoundedActivations {
  const { rows: tokens, columns } = x;
  const codes = pool.takeBuffer(tokens * columns);
  const scale = pool.allocate(tokens, 1);
  const activations = (): Int8Activations => {
    const bytes = codes.bytes();
    return {
      codes: new Int8Array(bytes.buffer, bytes.byteOffset, tokens * columns),
      scale: scale.values,
      tokens,
      columns,
    };
  };
  backend.quantizeActivations({ values: x.values, tokens, columns }, activations(), largestCode(bits));
  let floats: Tensor | undefined;
  return {
    activations,
    asFloats() {
      if (floats !== undefined) return floats;
      floats = pool.allocate(tokens, columns);
      const rounded = activations();
      const values = floats.values;
      for (let i = 0; i < values.length; i++) values[i] = rounded.codes[i]! * rounded.scale[Math.floor(i / columns)]!;
      return floats;
    },
    release() {
      pool.giveBack(codes);
      pool.giveBack(scale.buffer);
      if (floats !== undefined) pool.giveBack(floats.buffer);
    },
  };
}
