import { LowbitError } from "@lowbit/core/errors";
import type { InputTransform, TransformLayout } from "@lowbit/core/terms";
import type { LayerChoice } from "./layer-choice.js";

/**
 * Methods of rows take a transposed layer as it stands in the file; methods of layers, and transforms of inputs, do not: terms
 * have the shape of the stored matrix, whose columns are output features there.
 * @throws `quantize/transposed-layer`
 */
export function refuseTransposed(
  weight: string,
  {
    method,
    transforms = [],
  }: Pick<LayerChoice, "method"> & { readonly transforms?: readonly (InputTransform | TransformLayout)[] },
): void {
  if (!("quantizeLayer" in method) && transforms.length === 0) return;
  const what = "quantizeLayer" in method ? `method "${method.name}"` : "a transform of inputs";
  throw new LowbitError(
    "quantize/transposed-layer",
    `${weight} is stored transposed, [inFeatures, outFeatures]; ${what} takes layers as [outFeatures, inFeatures], and the file format holds no transpose.`,
    { weight, method: method.name },
  );
}
