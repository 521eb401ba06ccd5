/**
 * The value at place `k` (1: the largest) when `values` are sorted downwards, by Hoare's selection: the time of sorting a
 * vocabulary would show beside a small model. `values` are reordered; none is NaN.
 */
export function kthLargest(values: Float64Array, k: number): number {
  const wanted = k - 1;
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (wanted <= j) right = j;
    else if (wanted >= i) left = i;
    else break;
  }
  return values[wanted]!;
}
