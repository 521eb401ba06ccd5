import type { AttentionShape } from "../ops/layer-ops.js";

/** Positions `begin` … `end − 1` are those that query `query` of a sequence sees. */
export interface KeySpan {
  readonly begin: number;
  readonly end: number;
}

function visibleKeys({ queryLength, keyLength, window }: AttentionShape, query: number): KeySpan {
  const end = keyLength - queryLength + query + 1;
  return { begin: window === 0 ? 0 : Math.max(0, end - window), end };
}

/** Where the vectors of one (sequence, query, head) start, and the keys that it sees. */
export interface AttentionRow {
  /** In q and y. */
  readonly query: number;
  /** In keys and values: that of key j is `keys + j · keyStep`. */
  readonly keys: number;
  readonly keyStep: number;
  readonly span: KeySpan;
}

export function* attentionRows(shape: AttentionShape): Generator<AttentionRow> {
  const { sequences, queryLength, keyStride, headCount, keyValueHeadCount, headSize } = shape;
  const keyStep = keyValueHeadCount * headSize;
  for (let sequence = 0; sequence < sequences; sequence++) {
    for (let query = 0; query < queryLength; query++) {
      const span = visibleKeys(shape, query);
      for (let head = 0; head < headCount; head++) {
        const keyHead = Math.floor((head * keyValueHeadCount) / headCount);
        yield {
          query: ((sequence * queryLength + query) * headCount + head) * headSize,
          keys: sequence * keyStride * keyStep + keyHead * headSize,
          keyStep,
          span,
        };
      }
    }
  }
}
