import type { Checkpoint } from "../safetensors/checkpoint.js";
import { throwIfAborted } from "./abort.js";
import type { WeightPair } from "./compare-structure.js";

/** Tensors that hold no real numbers: equal or not. */
export interface ComparedBytes {
  readonly name: string;
  readonly equal: boolean;
}

const PIECE_BYTES = 2 ** 20;

/** Compares the stored bytes of pairs that have no values. */
export async function compareBytes(
  left: Checkpoint,
  right: Checkpoint,
  pairs: readonly WeightPair[],
  signal?: AbortSignal,
): Promise<ComparedBytes[]> {
  const compared: ComparedBytes[] = [];
  for (const pair of pairs) {
    compared.push({ name: pair.left.name, equal: await isEqual(left, right, pair, signal) });
  }
  return compared;
}

async function isEqual(
  left: Checkpoint,
  right: Checkpoint,
  pair: WeightPair,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { byteLength } = pair.left;
  if (byteLength !== pair.right.byteLength) return false;
  for (let offset = 0; offset < byteLength; offset += PIECE_BYTES) {
    throwIfAborted(signal);
    const length = Math.min(PIECE_BYTES, byteLength - offset);
    const pieces = [new Uint8Array(length), new Uint8Array(length)] as const;
    await left.read(pair.left.tensors[0]!, offset, pieces[0]);
    await right.read(pair.right.tensors[0]!, offset, pieces[1]);
    for (let index = 0; index < length; index++) if (pieces[0][index] !== pieces[1][index]) return false;
  }
  return true;
}
