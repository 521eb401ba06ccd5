/** Fills the memory of one weight from the checkpoint; the memory is allocated before. */
export type WeightFill = () => Promise<void>;

/** Bytes that are read at a time: loading needs little more memory than the weights, and a piece stays in the cache. */
export const READ_BYTES: number = 2 ** 20;

/** `visit` for spans of at most `step` of `count` elements, one after another. */
export async function eachSpan(
  count: number,
  step: number,
  visit: (begin: number, end: number) => Promise<void>,
): Promise<void> {
  for (let begin = 0; begin < count; begin += step) await visit(begin, Math.min(count, begin + step));
}
