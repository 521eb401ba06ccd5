/** Two pieces that became one. */
export type TrainedMerge = readonly [left: string, right: string];

/**
 * Byte-pair training: the most frequent pair of neighbours becomes one piece, again and again; of equally frequent pairs the
 * one that was found first.
 * @param mayJoin what is never joined in the text
 */
export function trainMerges(
  text: string,
  count: number,
  mayJoin: (left: string, right: string) => boolean = () => true,
): readonly TrainedMerge[] {
  const merges: TrainedMerge[] = [];
  let pieces = Array.from(text);
  while (merges.length < count) {
    const best = mostFrequentPair(pieces, mayJoin);
    if (best === undefined) break;
    merges.push(best);
    pieces = joined(pieces, best);
  }
  return merges;
}

function mostFrequentPair(
  pieces: readonly string[],
  mayJoin: (left: string, right: string) => boolean,
): TrainedMerge | undefined {
  const pairs = new Map<string, { readonly pair: TrainedMerge; count: number }>();
  for (let i = 1; i < pieces.length; i++) {
    const pair = [pieces[i - 1]!, pieces[i]!] as const;
    if (!mayJoin(...pair)) continue;
    const key = pair.join("\0");
    const found = pairs.get(key) ?? { pair, count: 0 };
    found.count++;
    pairs.set(key, found);
  }
  return [...pairs.values()].sort((a, b) => b.count - a.count)[0]?.pair;
}

function joined(pieces: readonly string[], [left, right]: TrainedMerge): string[] {
  const result: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    const joins = pieces[i] === left && pieces[i + 1] === right;
    result.push(joins ? left + right : pieces[i]!);
    if (joins) i++;
  }
  return result;
}
