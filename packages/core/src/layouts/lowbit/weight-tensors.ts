import type { Dtype } from "../../dtype/dtype-table.js";
import { transformArrays } from "../../terms/input-transform.js";
import { termArrays } from "../../terms/term-arrays.js";
import type { LowbitWeight } from "./lowbit-weight.js";

/** A tensor of a lowbit file that holds one array of a weight. */
export interface WeightTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly weight: string;
  /** Whether the array belongs to a term or to an input transform, to which one, and its key there. */
  readonly part: "terms" | "transforms";
  readonly index: number;
  readonly array: string;
  /** True: the first axis is the matrix row. */
  readonly perRow: boolean;
}

/** Name of the tensor that holds one array: "NAME.terms.0.codes", "NAME.transforms.0.signs". */
export function arrayTensorName(weight: string, part: WeightTensor["part"], index: number, array: string): string {
  return `${weight}.${part}.${index}.${array}`;
}

/** The tensors that hold a weight, terms before transforms. */
export function weightTensors(weight: LowbitWeight): readonly WeightTensor[] {
  return [
    ...weight.terms.flatMap((layout, index) => partTensors(weight.name, "terms", index, termArrays(layout))),
    ...weight.transforms.flatMap((layout, index) =>
      partTensors(weight.name, "transforms", index, transformArrays(layout)),
    ),
  ];
}

function partTensors(
  weight: string,
  part: WeightTensor["part"],
  index: number,
  specs: ReturnType<typeof termArrays>,
): WeightTensor[] {
  return specs.map(({ name: array, dtype, shape, perRow }) => ({
    name: arrayTensorName(weight, part, index, array),
    dtype,
    shape,
    weight,
    part,
    index,
    array,
    perRow,
  }));
}
