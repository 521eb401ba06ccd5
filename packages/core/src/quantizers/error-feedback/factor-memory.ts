import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { StatisticValues } from "../layer-statistics.js";
import type { DampedFactor } from "./damped-factor.js";

/** One in the order of the inputs and one in act-order. */
const MOST = 2;

interface Remembered {
  readonly backend: KernelBackend;
  readonly damping: number;
  readonly order: Uint32Array | undefined;
  readonly fingerprint: number;
  readonly result: DampedFactor;
}

/** Of the Hessian that was used last, and freed with it. */
const remembered = new WeakMap<StatisticValues, Remembered[]>();
let last: WeakRef<StatisticValues> | undefined;

/**
 * The factor of a Hessian, made again only where it was not the last one: layers with the same input (q, k and v) share
 * their Hessian, and a search over bit widths comes back to it many times.
 */
export function rememberFactor(
  hessian: StatisticValues,
  damping: number,
  backend: KernelBackend,
  order: Uint32Array | undefined,
  make: () => DampedFactor,
): DampedFactor {
  const fingerprint = fingerprintOf(hessian);
  const known = remembered.get(hessian) ?? [];
  const match = known.find(
    (entry) =>
      entry.backend === backend &&
      entry.damping === damping &&
      entry.fingerprint === fingerprint &&
      isSameOrder(entry.order, order),
  );
  if (match) return match.result;
  const previous = last?.deref();
  if (previous !== undefined && previous !== hessian) remembered.delete(previous);
  // What is left out is free before the next one is made.
  const kept = known.filter((entry) => entry.fingerprint === fingerprint).slice(0, MOST - 1);
  remembered.set(hessian, kept);
  last = new WeakRef(hessian);
  const result = make();
  remembered.set(hessian, [{ backend, damping, order: order?.slice(), fingerprint, result }, ...kept]);
  return result;
}

function isSameOrder(one: Uint32Array | undefined, other: Uint32Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((input, at) => input === other[at]);
}

/** A hash of all words (FNV-1a): a collector may go on with an array that was used before. */
function fingerprintOf(values: StatisticValues): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash;
}
