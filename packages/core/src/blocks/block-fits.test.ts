import { describe, expect, it } from "vitest";
import { BLOCK_FITS } from "./block-fits.js";
import { blockType } from "./block-table.js";
import type { FittedBlockType } from "./block-type.js";
import { decoded } from "./decoded.fixture.js";

const NAMES = Object.keys(BLOCK_FITS) as FittedBlockType[];

/** Sums of twelve uniform numbers: nearly normal. */
function normals(count: number, seed: number): Float32Array {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return Float32Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  });
}

function squaredError(name: FittedBlockType, block: Uint8Array, values: Float32Array, weights: Float32Array): number {
  const found = decoded(blockType(name).unpack(block, 1, values.length));
  return values.reduce((sum, value, i) => sum + weights[i]! * (value - found[i]!) ** 2, 0);
}

/** Error of our search and of ggml's rule for one block. */
function errors(name: FittedBlockType, values: Float32Array, weights: Float32Array): { ours: number; theirs: number } {
  const type = blockType(name);
  const [ours, theirs] = [new Uint8Array(type.bytes), new Uint8Array(type.bytes)];
  BLOCK_FITS[name](values, weights, ours);
  type.encode!(values, theirs);
  return { ours: squaredError(name, ours, values, weights), theirs: squaredError(name, theirs, values, weights) };
}

describe.each(NAMES)("%s", (name) => {
  const { weights: size } = blockType(name);

  it("is never worse than ggml's rule, and better on the whole", () => {
    let ours = 0;
    let theirs = 0;
    for (let seed = 1; seed <= (size === 32 ? 24 : 6); seed++) {
      const values = normals(size, seed).map((value) => 0.02 * value);
      const weights = normals(size, 100 + seed).map((value) => value * value);
      const found = errors(name, values, seed % 2 === 0 ? weights : weights.fill(1));
      expect(found.ours).toBeLessThanOrEqual(found.theirs * (1 + 1e-5));
      ours += found.ours;
      theirs += found.theirs;
    }
    expect(ours).toBeLessThan(0.97 * theirs);
  });

  it("spends what it has on the weights that count", () => {
    const values = normals(size, 9);
    const weights = Float32Array.from(values, (_, i) => (i % 8 === 0 ? 1 : 0));
    const { ours, theirs } = errors(name, values, weights);
    expect(ours).toBeLessThan(0.7 * theirs);
  });

  it("takes ggml's blocks where nothing counts", () => {
    const values = normals(size, 10);
    const [ours, theirs] = [new Uint8Array(blockType(name).bytes), new Uint8Array(blockType(name).bytes)];
    BLOCK_FITS[name](values, new Float32Array(size), ours);
    blockType(name).encode!(values, theirs);
    expect(ours).toEqual(theirs);
  });
});
