/** Activations [samples, length, columns] of all samples, f32. */
export interface ActivationStore {
  readonly samples: number;
  readonly length: number;
  readonly columns: number;
  /** Of samples `first` … `first + count − 1`: [count · length · columns], valid until the next call. */
  read(first: number, count: number): Promise<Float32Array>;
  /** From sample `first` on as many as there are values. */
  write(first: number, values: Float32Array): Promise<void>;
  close(): Promise<void>;
}

export type StoreShape = Pick<ActivationStore, "samples" | "length" | "columns">;

/** Makes the stores of one walk. */
export type ActivationStoreFactory = (shape: StoreShape) => Promise<ActivationStore>;

export function storeByteLength({ samples, length, columns }: StoreShape): number {
  return samples * length * columns * Float32Array.BYTES_PER_ELEMENT;
}

/** All in memory. */
export async function createMemoryStore(shape: StoreShape): Promise<ActivationStore> {
  const { samples, length, columns } = shape;
  const sampleValues = length * columns;
  // One array a sample: engines limit the size of a single array.
  const values = Array.from({ length: samples }, () => new Float32Array(sampleValues));
  let joined = new Float32Array(0);
  return {
    ...shape,
    async read(first, count) {
      if (joined.length !== count * sampleValues) joined = new Float32Array(count * sampleValues);
      for (let i = 0; i < count; i++) joined.set(values[first + i]!, i * sampleValues);
      return joined;
    },
    async write(first, from) {
      for (let i = 0; i * sampleValues < from.length; i++) {
        values[first + i]!.set(from.subarray(i * sampleValues, (i + 1) * sampleValues));
      }
    },
    async close() {
      values.length = 0;
      joined = new Float32Array(0);
    },
  };
}
