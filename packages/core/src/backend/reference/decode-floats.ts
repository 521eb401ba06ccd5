import type { FloatDtype } from "../../dtype/dtype-table.js";
import { elementReader } from "./float-elements.js";

export function decodeFloats(dtype: FloatDtype, source: Uint8Array, target: Float32Array): number {
  const read = elementReader(dtype);
  let notFinite = 0;
  for (let i = 0; i < target.length; i++) {
    const value = read(source, i);
    target[i] = value;
    if (!Number.isFinite(value)) notFinite++;
  }
  return notFinite;
}
