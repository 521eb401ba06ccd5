import type { RotaryTables } from "@lowbit/core/backend";
import type { Tensor } from "../forward/tensor.js";
import type { GradientContext } from "./gradient-context.js";

/** A rotation's adjoint is the rotation back (times the attention factor, which both have). dy is used up. */
export function rotateGradient(
  { tape, backend }: GradientContext,
  tables: RotaryTables,
  positions: Uint32Array,
  x: Tensor,
  dy: Tensor,
): void {
  const dx = tape.gradient(x);
  backend.rotaryEmbedding(dy, tables, positions, true);
  backend.addTo(dy.values, dx.values);
}
