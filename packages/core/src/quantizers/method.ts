import { LowbitError } from "../errors/index.js";
import type { CalibratedQuantizer } from "./calibrated-quantizer.js";
import type { Quantizer } from "./quantizer.js";

/** A method of either kind: of rows, without data, or of whole layers, most of them with statistics. */
export type Method = Quantizer | CalibratedQuantizer;

export type MethodTable = Readonly<Record<string, Method>>;

/** The method that a user named. @throws `options/unknown-method` with the names of the table */
export function methodNamed<M extends Method>(name: string, methods: Readonly<Record<string, M>>): M {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method !== undefined) return method;
  const known = Object.keys(methods);
  throw new LowbitError("options/unknown-method", `No method is called "${name}"; known: ${known.join(", ")}.`, {
    method: name,
    known,
  });
}
