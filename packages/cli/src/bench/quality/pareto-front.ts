/** Points that no other one beats: less x, and less y than all points with less x. Ascending in x. */
export function paretoFront<P extends { readonly x: number; readonly y: number }>(points: readonly P[]): P[] {
  let lowest = Number.POSITIVE_INFINITY;
  return points
    .toSorted((a, b) => a.x - b.x || a.y - b.y)
    .filter(({ y }) => {
      const isBetter = y < lowest;
      if (isBetter) lowest = y;
      return isBetter;
    });
}
