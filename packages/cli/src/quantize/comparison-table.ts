import type { StructureDifference } from "@lowbit/core/pipeline";
import type { CsvTable } from "../output/csv.js";
import type { CompareAnswer } from "./run-compare.js";

/**
 * One row a weight: those that were measured first, then tensors without numbers and what is missing or of another form
 * on one side, of which there are no figures.
 */
export function comparisonTable({ weights, otherTensors, structure }: CompareAnswer): CsvTable {
  const titles = [
    ...["name", "shape", "left", "right", "difference", "sqnr_db", "relative_error", "mean_squared_error"],
    ...["max_error", "cosine_similarity", "non_finite_count"],
  ];
  return {
    titles,
    rows: [
      ...weights.map(({ name, shape, left, right, error, nonFiniteCount }) => [
        ...[name, shape.join("x"), left, right],
        error.relativeError === 0 && nonFiniteCount === 0 ? "none" : "values",
        ...[error.sqnrDb, error.relativeError, error.meanSquaredError, error.maxError, error.cosine, nonFiniteCount],
      ]),
      ...otherTensors.map(({ name, equal }) => [name, ...blank(3), equal ? "none" : "values", ...blank(6)]),
      ...structure.map((difference) => [...describe(difference), ...blank(6)]),
    ],
  };
}

function describe(difference: StructureDifference): (string | undefined)[] {
  const { kind, weight } = difference;
  if (kind === "shape") return [weight, undefined, difference.left.join("x"), difference.right.join("x"), kind];
  if (kind === "dtype") return [weight, undefined, difference.left, difference.right, kind];
  return [weight, ...blank(3), kind];
}

const blank = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);
