import type { Dtype } from "../dtype/dtype-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { checkTerm } from "../terms/check-term.js";
import { checkTransform, type InputTransform, type TransformLayout } from "../terms/input-transform.js";
import { validateLayouts } from "../terms/quantized-weight.js";
import type { Term, TermLayout } from "../terms/term.js";
import type { ReadOptions, StoredQuantizedWeight } from "./logical-weight.js";

/** Reads rows `begin` … `end − 1` of the one term of a weight. */
export type ReadTermRows = (begin: number, end: number, options?: ReadOptions) => Promise<Term>;

/** A weight of a layout of another tool: one term. */
export interface ForeignWeight {
  readonly layout: string;
  readonly name: string;
  readonly shape: readonly number[];
  /** Dtype of the original. */
  readonly dtype: Dtype;
  readonly tensors: readonly CheckpointTensor[];
  readonly term: TermLayout;
  readonly transforms?: readonly TransformLayout[];
  readonly notes?: readonly string[];
  /** Reads what all rows share. */
  open(
    options?: ReadOptions,
  ): Promise<{ readonly transforms?: readonly InputTransform[]; readonly rows: ReadTermRows }>;
}

/** @throws what `validateLayouts` throws */
export function foreignWeight(weight: ForeignWeight): StoredQuantizedWeight {
  const { layout, name, shape, dtype, tensors, term, transforms = [], notes } = weight;
  validateLayouts(shape, [term], transforms);
  return {
    kind: "quantized",
    layout,
    name,
    shape,
    dtype,
    byteLength: tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    tensors,
    terms: [term],
    transforms,
    ...(notes && { notes }),
    async open(options) {
      const opened = await weight.open(options);
      for (const transform of opened.transforms ?? []) checkTransform(transform);
      return {
        transforms: opened.transforms ?? [],
        async rows(begin, end, rowOptions) {
          const rows = await opened.rows(begin, end, rowOptions);
          checkTerm(rows);
          return [rows];
        },
      };
    },
  };
}
