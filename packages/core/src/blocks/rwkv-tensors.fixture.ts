/** A tensor of an rwkv.cpp file. */
export interface RwkvTensor {
  /** Number of the container: 0 F32, 1 F16, 7 Q5_0, 8 Q5_1. */
  readonly type: number;
  /** Row length first. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** By type. */
const SIZES: Readonly<Record<number, readonly [bytes: number, weights: number]>> = {
  0: [4, 1],
  1: [2, 1],
  7: [22, 32],
  8: [24, 32],
};

const MAGIC = 0x67676d66;

/** Tensors by name: header of six int32, then for each: rank, length of the name, type, shape, name, data. */
export function readRwkv(file: Uint8Array): Map<string, RwkvTensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number) => view.getInt32(at, true);
  if (word(0) !== MAGIC || word(4) !== 101) throw new Error("This is no rwkv.cpp file of version 101.");
  const tensors = new Map<string, RwkvTensor>();
  let at = 24;
  while (at < file.length) {
    const rank = word(at);
    const nameLength = word(at + 4);
    const type = word(at + 8);
    const shape = Array.from({ length: rank }, (_, axis) => word(at + 12 + 4 * axis));
    at += 12 + 4 * rank;
    const name = new TextDecoder().decode(file.subarray(at, at + nameLength));
    at += nameLength;
    const [bytes, weights] = SIZES[type]!;
    const length = (shape.reduce((product, size) => product * size, 1) / weights) * bytes;
    tensors.set(name, { type, shape, bytes: file.subarray(at, at + length) });
    at += length;
  }
  return tensors;
}
