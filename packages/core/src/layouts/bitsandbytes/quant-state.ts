import type { Dtype } from "../../dtype/dtype-table.js";
import { wrongValue } from "../partner-tensors.js";
import { asConfigObject, torchDtype } from "../stated-config.js";

const LAYOUT = "bitsandbytes";

/** The JSON that bitsandbytes keeps beside a 4-bit weight. */
export interface QuantState {
  /** Elements of the flattened weight that share a scale. */
  readonly blockSize: number;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Present: scales are 8-bit codes themselves. */
  readonly nested?: { readonly blockSize: number; readonly offset: number };
}

/** @throws `layouts/wrong-value` */
export function readQuantState(tensor: string, bytes: Uint8Array): QuantState {
  const state = asConfigObject(parse(tensor, bytes));
  const blockSize = state?.["blocksize"] ?? 64;
  const shape = state?.["shape"];
  if (!isSize(blockSize) || !Array.isArray(shape) || shape.length < 2 || !shape.every(isSize)) {
    throw wrongValue(LAYOUT, tensor, "states no block size and shape");
  }
  const nestedBlockSize = state?.["nested_blocksize"];
  const offset = state?.["nested_offset"];
  if (nestedBlockSize !== undefined && !(isSize(nestedBlockSize) && Number.isFinite(offset))) {
    throw wrongValue(LAYOUT, tensor, "states no block size and offset of its nested scales");
  }
  return {
    blockSize,
    shape,
    dtype: torchDtype(state?.["dtype"]) ?? "F16",
    ...(nestedBlockSize !== undefined && {
      nested: { blockSize: nestedBlockSize as number, offset: Math.fround(offset as number) },
    }),
  };
}

function parse(tensor: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw wrongValue(LAYOUT, tensor, "holds no JSON");
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
