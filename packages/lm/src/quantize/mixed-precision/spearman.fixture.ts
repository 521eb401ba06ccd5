/** Spearman's rank correlation; ties keep their order. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const squares = x.reduce((sum, rank, index) => sum + (rank - y[index]!) ** 2, 0);
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => values[i]! - values[j]!);
  const found = new Array<number>(values.length);
  for (const [rank, index] of order.entries()) found[index] = rank;
  return found;
}
