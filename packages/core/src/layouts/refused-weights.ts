import { LowbitError } from "../errors/lowbit-error.js";
import { quoteName } from "../safetensors/header-problem.js";
import type { FittingLayout } from "./fitting-layouts.js";

/** A weight that a layout cannot hold as it is. */
export interface RefusedWeight {
  readonly name: string;
  /** One clause: "two terms, where it stores one". */
  readonly reason: string;
  /** Relative squared error that requantizing would add, Σ (w − ŵ)² / Σ w²; measured for the first few. */
  readonly relativeError?: number;
  /** Layouts that hold it; found for the first few. */
  readonly fitting?: readonly FittingLayout[];
}

/** Weights of which the message says more than the number. */
export const EXPLAINED_WEIGHTS = 3;
const NAMED_LAYOUTS = 5;

/** @param target as `--to` names it; @param of weights that were to be stored in it */
export function doesNotFit(target: string, refused: readonly RefusedWeight[], of: number): LowbitError {
  const family = target.split(":")[0]!;
  const sentences = refused.slice(0, EXPLAINED_WEIGHTS).map((weight) => sentence(weight, family));
  const more = refused.length - sentences.length;
  return new LowbitError(
    "convert/does-not-fit",
    [
      `${target} cannot hold ${refused.length} of ${of} weights as they are.`,
      ...sentences,
      ...(more > 0 ? [`${more} more.`] : []),
    ].join(" "),
    {
      target,
      refused: refused.length,
      weights: of,
      first: refused.slice(0, EXPLAINED_WEIGHTS).map(({ name }) => name),
      reasons: refused.slice(0, EXPLAINED_WEIGHTS).map(({ reason }) => reason),
    },
  );
}

function sentence({ name, reason, relativeError, fitting }: RefusedWeight, family: string): string {
  const cost =
    relativeError === undefined ? "" : `; requantizing would add a relative error of ${relativeError.toPrecision(3)}`;
  return `${quoteName(name)}: ${reason}${cost}${held(fitting, family)}.`;
}

/** Types of the layout that was asked for come first. */
function held(fitting: readonly FittingLayout[] | undefined, family: string): string {
  if (fitting === undefined) return "";
  const isNear = ({ layout }: FittingLayout): boolean => layout.startsWith(`${family}:`);
  const named = [...fitting.filter(isNear), ...fitting.filter((layout) => !isNear(layout))]
    .slice(0, NAMED_LAYOUTS)
    .map(({ layout, rounded }) => (rounded === undefined ? layout : `${layout} (${rounded})`));
  return `; held by ${[...named, "lowbit"].join(", ")}`;
}
