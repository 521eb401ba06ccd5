import { LowbitError } from "@lowbit/core/errors";
import type { DecoderConfig } from "../model/decoder-config.js";

/** Bits of activations in front of linear layers; absent: f32. */
export type ActivationBits = 8 | 4;

/** Largest code of symmetric rounding: 127 or 7. */
export function largestCode(bits: ActivationBits): number {
  return 2 ** (bits - 1) - 1;
}

/** @throws `model/invalid-option` */
export function checkActivationBits(bits: number): ActivationBits {
  if (bits === 8 || bits === 4) return bits;
  throw new LowbitError("model/invalid-option", `Activations have ${bits} bits; 8 and 4 are possible.`, {
    option: "activationBits",
    found: bits,
    allowed: [4, 8],
  });
}

/** Of a run, to spread into its options: what was asked for, else what the model was trained with. */
export function activationRounding(
  { activations }: Pick<DecoderConfig, "activations">,
  asked?: ActivationBits,
): { readonly activationBits?: ActivationBits } {
  const activationBits = asked ?? activations?.bits;
  return activationBits === undefined ? {} : { activationBits };
}
