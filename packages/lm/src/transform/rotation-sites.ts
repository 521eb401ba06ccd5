import { LowbitError } from "@lowbit/core/errors";
import { type Rotation, randomRotation } from "@lowbit/core/linalg";
import { seededRandom } from "../generate/random-source.js";
import type { DecoderConfig } from "../model/decoder-config.js";

/**
 * Where a rotation is merged into plain weights, named as in SpinQuant (arXiv 2405.16406). `R1`: the residual stream. `R2`:
 * the value heads, from `v_proj` to `o_proj`.
 */
export type RotationSite = (typeof ROTATION_SITES)[number];

export const ROTATION_SITES = ["R1", "R2"] as const;

/** The rotations of a model: the same for the same seed and sizes. */
export interface ModelRotations {
  /** R1, [hiddenSize] */
  readonly residual?: Rotation;
  /** R2 of a block, [headSize] for every key/value head. */
  values?(block: number): readonly Rotation[];
}

/** Largest seed: streams of a seed must stay safe integers. */
const LARGEST_SEED: number = 2 ** 32;

/** Streams of random numbers of one seed; every place has its own, so that sites do not depend on which others are asked for. */
const STREAMS = 2 ** 20;
const RESIDUAL_STREAM = 0;
const VALUE_STREAM = 1;
const INPUT_STREAM = 2 ** 16;

/** @throws `transform/invalid-option` */
export function modelRotations(
  { hiddenSize, headSize, keyValueHeadCount }: DecoderConfig,
  sites: readonly RotationSite[],
  seed: number,
): ModelRotations {
  checkSeed(seed);
  return {
    ...(sites.includes("R1") && { residual: randomRotation(hiddenSize, randomStream(seed, RESIDUAL_STREAM)) }),
    ...(sites.includes("R2") && {
      values(block) {
        const random = randomStream(seed, VALUE_STREAM + block);
        return Array.from({ length: keyValueHeadCount }, () => randomRotation(headSize, random));
      },
    }),
  };
}

/** Numbers for the online rotation of one input: `index` counts the inputs of a block. */
export function inputRandom(seed: number, block: number, index: number): () => number {
  return randomStream(seed, INPUT_STREAM + block * 16 + index);
}

function randomStream(seed: number, stream: number): () => number {
  return seededRandom(seed * STREAMS + stream);
}

/** @throws `transform/invalid-option` */
export function checkSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED) return;
  throw new LowbitError(
    "transform/invalid-option",
    `The seed of a rotation is ${seed}; whole numbers from 0 to ${LARGEST_SEED} are possible.`,
    { option: "seed", found: seed, minimum: 0, maximum: LARGEST_SEED },
  );
}
