/**
 * Weights in ascending order with the sums of the first i of them, so that counts and sums of the weights between two bounds
 * take a binary search instead of a walk. Memory is used again for every line.
 */
export class SortedLine {
  count = 0;
  /** Of the first i weights, in ascending order. */
  readonly sums: Float64Array;
  private readonly sorted: Float64Array;

  /** @param capacity most weights of a line */
  constructor(capacity: number) {
    this.sorted = new Float64Array(capacity);
    this.sums = new Float64Array(capacity + 1);
  }

  clear(): void {
    this.count = 0;
  }

  push(weight: number): void {
    this.sorted[this.count++] = weight;
  }

  /** After the last weight. */
  sort(): void {
    const { sorted, sums, count } = this;
    sorted.fill(Number.POSITIVE_INFINITY, count).sort();
    for (let i = 0; i < count; i++) sums[i + 1] = sums[i]! + sorted[i]!;
  }

  /** One weight into a sorted line. */
  insert(weight: number): void {
    const { sorted, sums } = this;
    const place = this.below(weight);
    for (let i = this.count; i > place; i--) {
      sorted[i] = sorted[i - 1]!;
      sums[i + 1] = sums[i]! + weight;
    }
    sorted[place] = weight;
    sums[place + 1] = sums[place]! + weight;
    this.count++;
  }

  /** How many weights are below `bound`. */
  below(bound: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]! < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many weights are at most `bound`. */
  atMost(bound: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]! <= bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Σ |w − center| over the weights a … b − 1 of the order; `split` weights are below the center. */
  magnitudes(a: number, b: number, split: number, center: number): number {
    const middle = Math.min(Math.max(split, a), b);
    const { sums } = this;
    return sums[b]! - 2 * sums[middle]! + sums[a]! - center * (b - 2 * middle + a);
  }
}
