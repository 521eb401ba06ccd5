import { roundHalfEven } from "../../linalg/round-half-even.js";
import { checkActivations, checkInt8Activations } from "../check-multiply.js";
import type { Activations, Int8Activations } from "../ops/multiply-ops.js";

export function quantizeActivations(x: Activations, target: Int8Activations): void {
  checkActivations(x);
  checkInt8Activations(target);
  for (let token = 0; token < x.tokens; token++) {
    const begin = token * x.columns;
    const values = x.values.subarray(begin, begin + x.columns);
    const absMaximum = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const scale = Math.fround(absMaximum / 127);
    target.scale[token] = scale;
    values.forEach((value, column) => {
      target.codes[begin + column] = scale === 0 ? 0 : int8Code(Math.fround(value / scale));
    });
  }
}

function int8Code(quotient: number): number {
  return roundHalfEven(Math.min(Math.max(quotient, -127), 127));
}
