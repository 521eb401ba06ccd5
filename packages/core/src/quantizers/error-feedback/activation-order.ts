import { writeU32 } from "../../terms/index-array.js";
import type { InputTransform } from "../../terms/input-transform.js";
import type { StatisticValues } from "../layer-statistics.js";

/** Act-order: inputs by falling H[j][j], the earlier one first where equal (option `act_order` of the GPTQ code). */
export function activationOrder(hessian: StatisticValues, columns: number): Uint32Array {
  return fallingOrder(Float64Array.from({ length: columns }, (_, j) => hessian[(j * (j + 3)) / 2]!));
}

/** Positions by falling value, the earlier one first where equal. */
export function fallingOrder(values: Float64Array): Uint32Array {
  return Uint32Array.from(values, (_, j) => j).sort((a, b) => values[b]! - values[a]! || a - b);
}

/** Inputs in this order: T(x)[c] = x[order[c]]. */
export function permutation(order: Uint32Array): InputTransform {
  const indices = new Uint8Array(4 * order.length);
  writeU32(order, indices);
  return { layout: { kind: "permutation", columns: order.length }, arrays: { indices } };
}

/** Codes of rows of `order.length` columns, from that order back to the original one. */
export function undoOrder(codes: Uint8Array, order: Uint32Array): Uint8Array {
  const columns = order.length;
  const original = new Uint8Array(codes.length);
  for (let begin = 0; begin < codes.length; begin += columns) {
    for (let c = 0; c < columns; c++) original[begin + order[c]!] = codes[begin + c]!;
  }
  return original;
}
