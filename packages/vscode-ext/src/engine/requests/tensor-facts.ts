import { describeTerm } from "@lowbit/core/layouts";
import { hasValues } from "@lowbit/core/pipeline";
import { matrixShape } from "@lowbit/core/tensor";
import type { Handler } from "../handler.js";
import { storedWeight } from "../weight-view.js";
import { groupColumns } from "./group-columns.js";

export const tensorFacts: Handler<"tensor/facts"> = async ({ params, model: slot }) => {
  const model = await slot.open();
  const { weight } = storedWeight(model, params.name, { kind: "own" });
  const { storage, parameters, bytes, claimedBitsPerWeight } = model.row(params.name)!;
  const { rows, columns } = matrixShape(weight.shape);
  const groupSize = weight.kind === "quantized" ? groupColumns(weight.terms) : undefined;
  return {
    name: weight.name,
    shape: weight.shape,
    rows,
    columns,
    storage,
    isQuantized: weight.kind === "quantized",
    hasValues: hasValues(weight) && parameters > 0,
    parameters,
    bytes,
    storedBitsPerWeight: parameters === 0 ? 0 : (bytes * 8) / parameters,
    claimedBitsPerWeight,
    terms: weight.kind === "quantized" ? weight.terms.map(describeTerm) : [],
    ...(groupSize !== undefined && { groupSize }),
    notes: weight.kind === "quantized" ? (weight.notes ?? []) : [],
    parts: weight.tensors.map((tensor) => ({
      name: tensor.name,
      dtype: tensor.blockType ?? tensor.dtype,
      shape: tensor.shape,
      bytes: tensor.byteLength,
      shard: tensor.shard,
      byteOffset: tensor.byteOffset,
    })),
  };
};
