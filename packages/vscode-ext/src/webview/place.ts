import type { PagePlace } from "../protocol/envelope.js";

/**
 * Where a step leads. The open weight and the other checkpoint go along, so that the tabs Tensor and Compare come back to
 * them; a step to Compare without a checkpoint closes the comparison.
 */
export function nextPlace(current: PagePlace, asked: PagePlace): PagePlace {
  const weight = asked.weight ?? current.weight;
  const compareWith = asked.compareWith ?? (asked.page === "compare" ? undefined : current.compareWith);
  return {
    page: asked.page,
    ...(weight === undefined ? {} : { weight }),
    ...(compareWith === undefined ? {} : { compareWith }),
    ...(asked.setting === undefined ? {} : { setting: asked.setting }),
  };
}
