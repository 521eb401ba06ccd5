import { roundHalfEven } from "../../linalg/round-half-even.js";
import { checkQuantizeActivations } from "../check-multiply.js";
import type { Activations, Int8Activations } from "../ops/multiply-ops.js";

export function quantizeActivations(x: Activations, target: Int8Activations, largest = 127): void {
  checkQuantizeActivations(x, target, largest);
  for (let token = 0; token < x.tokens; token++) {
    const begin = token * x.columns;
    const values = x.values.subarray(begin, begin + x.columns);
    const absMaximum = values.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
    const scale = Math.fround(absMaximum / largest);
    target.scale[token] = scale;
    values.forEach((value, column) => {
      target.codes[begin + column] = scale === 0 ? 0 : int8Code(Math.fround(value / scale), largest);
    });
  }
}

function int8Code(quotient: number, largest: number): number {
  return roundHalfEven(Math.min(Math.max(quotient, -largest), largest));
}
