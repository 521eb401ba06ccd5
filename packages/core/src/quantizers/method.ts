import type { CalibratedQuantizer } from "./calibrated-quantizer.js";
import type { Quantizer } from "./quantizer.js";

/** A method of either kind: of rows, without data, or of whole layers, most of them with statistics. */
export type Method = Quantizer | CalibratedQuantizer;

export type MethodTable = Readonly<Record<string, Method>>;
