/** One way to quantize a layer. */
export interface Choice {
  /** All stored bits of the layer: terms and transforms. */
  readonly bits: number;
  /** What it costs, such as the loss increase that is predicted for it. */
  readonly cost: number;
}

/** A layer with the ways to quantize it. */
export interface LayerChoices {
  readonly name: string;
  readonly weights: number;
  /** At least one; bits are whole numbers, costs finite. */
  readonly choices: readonly Choice[];
}

/** Indices of the choices that no other one beats: bits ascending, costs descending. Equal ones: the first stays. */
export function undominated(choices: readonly Choice[]): number[] {
  const order = choices
    .map((_, index) => index)
    .sort((a, b) => choices[a]!.bits - choices[b]!.bits || choices[a]!.cost - choices[b]!.cost || a - b);
  let lowest = Number.POSITIVE_INFINITY;
  return order.filter((index) => {
    const isBetter = choices[index]!.cost < lowest;
    if (isBetter) lowest = choices[index]!.cost;
    return isBetter;
  });
}

/** Of the undominated choices those on the lower convex hull of (bits, cost), bits ascending. */
export function lowerHull(choices: readonly Choice[]): number[] {
  const hull: number[] = [];
  for (const index of undominated(choices)) {
    while (hull.length >= 2 && !turnsUp(choices[hull.at(-2)!]!, choices[hull.at(-1)!]!, choices[index]!)) hull.pop();
    hull.push(index);
  }
  return hull;
}

/** Whether the way a → b → c bends upwards, so that b lies below the line from a to c. */
function turnsUp(a: Choice, b: Choice, c: Choice): boolean {
  return (b.cost - a.cost) * (c.bits - b.bits) < (c.cost - b.cost) * (b.bits - a.bits);
}
