import { rowMajor } from "../../tensor/matrix.js";
import type { Activations } from "../ops/multiply-ops.js";
import { type CodeShape, floatOperands } from "./activation-planes.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";
import { packOperand } from "./packed-operand.js";

/**
 * From this many tokens on it pays to decode a weight once and use it for all, and from this many on to pack what is
 * decoded into panels (measured with AVX2 and AVX-512).
 */
const DECODED_TOKENS = 4;
const PANEL_TOKENS = 32;

/** The last arguments of a product with f32 activations. */
export interface FloatTokens {
  readonly x: Float32Array;
  /** `planes`, `x_sums` and `x_scale`, null with panels and for codes that have no planes. */
  readonly planes: KernelArgument;
  readonly sums: KernelArgument;
  readonly scale: KernelArgument;
  readonly panels: KernelArgument;
  readonly tokens: number;
  readonly y: KernelArgument;
}

/** In the order of affine_multiply, ternary_multiply and sign_multiply. */
export function tokenArguments({ x, planes, sums, scale, panels, tokens, y }: FloatTokens): KernelArgument[] {
  return [x, planes, sums, scale, panels, tokens, y];
}

/**
 * Calls a kernel for all tokens, with the activations in the form that suits their number. `y` has `rows` values a token;
 * `shape` is null for values that are not codes.
 */
export function multiplyTokens(
  kernels: KernelCaller,
  x: Activations,
  rows: number,
  y: Float32Array,
  shape: CodeShape | null,
  multiply: (tokens: FloatTokens) => void,
): void {
  if (x.tokens >= PANEL_TOKENS) {
    for (const block of packOperand(kernels, rowMajor(x.values, x.tokens, x.columns), "left")) {
      const target = output(y.subarray(block.begin * rows, (block.begin + block.rows) * rows));
      const panels = block.panels();
      multiply({ x: panels, planes: null, sums: null, scale: null, panels, tokens: block.rows, y: target });
    }
  } else {
    const hasPlanes = shape !== null && x.tokens > 0 && x.tokens < DECODED_TOKENS;
    const operands = hasPlanes ? floatOperands(kernels, x, shape) : { planes: null, sums: null, scale: null };
    multiply({ x: x.values, ...operands, panels: null, tokens: x.tokens, y: output(y) });
  }
}
