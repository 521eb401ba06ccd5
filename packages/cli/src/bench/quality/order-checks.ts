import type { DoneQualityRow } from "./quality-row.js";

/** Two settings of which the literature says that the first loses less. */
export interface OrderCheck {
  readonly group: string;
  readonly better: string;
  readonly worse: string;
  /** "≤" where equal figures are fine. */
  readonly relation: "<" | "≤";
}

export interface OrderFinding extends OrderCheck {
  readonly figure: "layer error" | "perplexity";
  readonly betterValue: number;
  readonly worseValue: number;
  /** `collapsed`: even the better one has more than ten times the original's perplexity, which ranks nothing. */
  readonly verdict: "holds" | "does not hold" | "collapsed";
}

/** A model with so many times the original's perplexity is no model any more. */
const SURVIVES = 10;

/** Every check whose settings are both in the table, by layer error and by perplexity. */
export function checkOrders(
  checks: readonly OrderCheck[],
  rows: readonly DoneQualityRow[],
  originalPerplexity: number,
): OrderFinding[] {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return checks.flatMap((check): OrderFinding[] => {
    const [better, worse] = [byName.get(check.better), byName.get(check.worse)];
    if (better === undefined || worse === undefined) return [];
    const holds = (a: number, b: number): OrderFinding["verdict"] =>
      (check.relation === "≤" ? a <= b : a < b) ? "holds" : "does not hold";
    const survives = better.perplexity.mean <= SURVIVES * originalPerplexity;
    return [
      {
        ...check,
        figure: "layer error",
        betterValue: better.layerError,
        worseValue: worse.layerError,
        verdict: holds(better.layerError, worse.layerError),
      },
      {
        ...check,
        figure: "perplexity",
        betterValue: better.perplexity.mean,
        worseValue: worse.perplexity.mean,
        verdict: survives ? holds(better.perplexity.mean, worse.perplexity.mean) : "collapsed",
      },
    ];
  });
}
