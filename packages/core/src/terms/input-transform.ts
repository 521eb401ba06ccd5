import type { KernelBackend } from "../backend/kernel-backend.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { TermArraySpec } from "./term.js";
import { type ChannelScaleLayout, channelScaleTransform } from "./transforms/channel-scale.js";
import { type HadamardLayout, hadamardTransform } from "./transforms/hadamard.js";
import { type PermutationLayout, permutationTransform } from "./transforms/permutation.js";
import type { TransformKindEntry } from "./transforms/transform-kind.js";

/**
 * A linear map T of the input features, applied to x instead of W: `y = Ŵ · T(x)`, where Ŵ is the sum of the terms.
 * Several transforms apply to x in the order in which the weight lists them: `y = Ŵ · T₂(T₁(x))`.
 */
export type TransformLayout = PermutationLayout | ChannelScaleLayout | HadamardLayout;
export type TransformKind = TransformLayout["kind"];

/** A transform layout with its arrays: the bytes as they stand in the file, little-endian. */
export interface InputTransform {
  readonly layout: TransformLayout;
  readonly arrays: Readonly<Record<string, Uint8Array>>;
}

/** The only list of transform kinds. */
export const TRANSFORM_KINDS: {
  readonly [K in TransformKind]: TransformKindEntry<Extract<TransformLayout, { readonly kind: K }>>;
} = {
  permutation: permutationTransform,
  "channel-scale": channelScaleTransform,
  hadamard: hadamardTransform,
};

function transformKind(layout: TransformLayout): TransformKindEntry<TransformLayout> {
  return TRANSFORM_KINDS[layout.kind] as unknown as TransformKindEntry<TransformLayout>;
}

/** @throws `terms/invalid-field`, `terms/missing-field`, `terms/unknown-field` */
export function validateTransform(layout: TransformLayout): void {
  transformKind(layout).validate(layout);
}

/** Dtype and shape of every array of a transform, in file order. */
export function transformArrays(layout: TransformLayout): readonly TermArraySpec[] {
  return transformKind(layout).arrays(layout);
}

/** @throws `terms/invalid-array` when the contents make no invertible transform. */
export function checkTransform({ layout, arrays }: InputTransform): void {
  transformKind(layout).check(layout, arrays);
}

/** One line for tables: "hadamard 256". */
export function describeTransform(layout: TransformLayout): string {
  return transformKind(layout).describe(layout);
}

/** x ← T(x) for rows of activations, in place. */
export function transformActivations(transforms: readonly InputTransform[], x: RowBlock, backend: KernelBackend): void {
  for (const { layout, arrays } of transforms) transformKind(layout).apply(layout, arrays, x, backend);
}

/** x ← T⁻¹(x) for rows of activations, in place. */
export function undoTransforms(transforms: readonly InputTransform[], x: RowBlock, backend: KernelBackend): void {
  for (const { layout, arrays } of transforms.toReversed()) transformKind(layout).undo(layout, arrays, x, backend);
}

/** W ← W · T⁻¹ for rows of weights, in place: from original weights to those that the terms approximate. */
export function transformWeights(transforms: readonly InputTransform[], w: RowBlock, backend: KernelBackend): void {
  for (const { layout, arrays } of transforms) transformKind(layout).intoWeights(layout, arrays, w, backend);
}

/** Ŵ ← Ŵ · T for rows of decoded terms, in place: back to weights that act on plain x. */
export function foldTransforms(transforms: readonly InputTransform[], w: RowBlock, backend: KernelBackend): void {
  for (const { layout, arrays } of transforms.toReversed())
    transformKind(layout).outOfWeights(layout, arrays, w, backend);
}
