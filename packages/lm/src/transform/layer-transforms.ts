import type { KernelBackend } from "@lowbit/core/backend";
import {
  dividedInput,
  type LayerStatistics,
  rotatedInput,
  rotationLayout,
  type StatisticKind,
  smoothScales,
} from "@lowbit/core/quantizers";
import type { RowBlock } from "@lowbit/core/tensor";
import type { InputTransform, TransformLayout } from "@lowbit/core/terms";
import type { LinearShape } from "../model/block-description.js";
import { checkSeed, inputRandom } from "./rotation-sites.js";
import { checkSmooth, inputMagnitudes, magnitudeStatistic, type SmoothSettings } from "./smooth-block.js";

/** Layers that read the same input, and where that input is. */
export interface InputGroup {
  readonly block: number;
  /** Position among the inputs of the block, see `inputGroups`: 0 attention, 1 its output layer, 2 feed-forward, 3 down. */
  readonly index: number;
  /** With their weights [outFeatures, inFeatures] for plain inputs, which are left as they are. */
  readonly layers: readonly { readonly layer: LinearShape; readonly weights: RowBlock }[];
}

/** Transforms of inputs that quantized layers store and apply to x while the model runs; chosen before any method. */
export interface LayerTransforms {
  /** For reports, and for --resume, which goes on with the same ones only: "smooth 0.5; rotate the inputs of down, seed 0". */
  readonly description: string;
  /** Statistics of plain inputs that `make` reads. */
  readonly needs: readonly StatisticKind[];
  /** What a layer will get, in the order in which it applies to x. */
  layouts(layer: LinearShape, index: number): readonly TransformLayout[];
  /**
   * The transforms of an input, the same for all layers that read it.
   * @throws `quantize/missing-statistic`
   */
  make(group: InputGroup, statistics: LayerStatistics | undefined, backend: KernelBackend): readonly InputTransform[];
}

/** Which inputs are rotated online: those of down (R4 of SpinQuant and QuaRot), or those of every linear layer of a block. */
export type OnlineRotation = "down" | "all";

export interface LayerTransformSettings {
  readonly rotate?: OnlineRotation;
  /** Of the rotations; 0 when absent. */
  readonly seed?: number;
  readonly smooth?: SmoothSettings;
}

/** Position of the input of down among the inputs of a block. */
const DOWN = 3;

/**
 * First the scales of `smooth`, then the rotation: neither changes what a layer computes.
 * @returns undefined when nothing was asked for
 * @throws `transform/invalid-option`
 */
export function layerTransforms({ rotate, seed = 0, smooth }: LayerTransformSettings): LayerTransforms | undefined {
  if (rotate === undefined && smooth === undefined) return undefined;
  checkSeed(seed);
  if (smooth !== undefined) checkSmooth(smooth);
  const rotation = ({ inFeatures }: LinearShape, index: number) =>
    rotate === "all" || (rotate === "down" && index === DOWN) ? rotationLayout(inFeatures) : undefined;
  return {
    description: describe(rotate, seed, smooth),
    needs: smooth === undefined ? [] : [magnitudeStatistic(smooth)],
    layouts(layer, index) {
      const rotated = rotation(layer, index);
      const scaled: TransformLayout = { kind: "channel-scale", columns: layer.inFeatures, scaleDtype: "F16" };
      return [...(smooth === undefined ? [] : [scaled]), ...(rotated === undefined ? [] : [rotated])];
    },
    make({ block, index, layers }, statistics) {
      const { layer } = layers[0]!;
      const weights = layers.map((member) => member.weights);
      const rotated = rotation(layer, index);
      return [
        ...(smooth === undefined ? [] : [smoothedInput(layer.name, weights, statistics, smooth)]),
        ...(rotated === undefined ? [] : [rotatedInput(rotated, inputRandom(seed, block, index))]),
      ];
    },
  };
}

function smoothedInput(
  name: string,
  weights: readonly RowBlock[],
  statistics: LayerStatistics | undefined,
  smooth: SmoothSettings,
): InputTransform {
  return dividedInput(smoothScales(weights, inputMagnitudes(name, statistics, smooth), smooth.alpha), "F16");
}

function describe(rotate: OnlineRotation | undefined, seed: number, smooth: SmoothSettings | undefined): string {
  const inputs = rotate === "all" ? "all inputs" : "the inputs of down";
  return [
    ...(smooth === undefined ? [] : [`smooth ${smooth.alpha} by ${smooth.magnitude ?? "root-mean-square"}`]),
    ...(rotate === undefined ? [] : [`rotate ${inputs}, seed ${seed}`]),
  ].join("; ");
}
