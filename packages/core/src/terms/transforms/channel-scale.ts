import { LowbitError } from "../../errors/lowbit-error.js";
import { checkTransformFields, SCALE_DTYPE_FIELD } from "../layout-fields.js";
import { readScales } from "../scale-array.js";
import type { ScaleDtype } from "../term.js";
import type { TransformKindEntry } from "./transform-kind.js";

/** `T(x)[c] = scale[c] · x[c]`. Array: scale scaleDtype [columns], finite and not 0. */
export interface ChannelScaleLayout {
  readonly kind: "channel-scale";
  readonly columns: number;
  readonly scaleDtype: ScaleDtype;
}

export const channelScaleTransform: TransformKindEntry<ChannelScaleLayout> = {
  validate: (layout) => checkTransformFields(layout, { scaleDtype: SCALE_DTYPE_FIELD }),
  arrays: (layout) => [{ name: "scale", dtype: layout.scaleDtype, shape: [layout.columns], perRow: false }],
  check(layout, arrays) {
    const scale = readScales(arrays["scale"]!, layout.scaleDtype);
    const column = scale.findIndex((value) => value === 0 || !Number.isFinite(value));
    if (column < 0) return;
    throw new LowbitError(
      "terms/invalid-array",
      `Array "scale" of a channel scale holds ${scale[column]} at column ${column}; it must be finite and not 0.`,
      { kind: "channel-scale", array: "scale", column, found: String(scale[column]) },
    );
  },
  apply: (layout, arrays, x) => eachColumn(x, readScales(arrays["scale"]!, layout.scaleDtype), (value, s) => value * s),
  undo: (layout, arrays, x) => eachColumn(x, readScales(arrays["scale"]!, layout.scaleDtype), (value, s) => value / s),
  intoWeights: (layout, arrays, w) =>
    eachColumn(w, readScales(arrays["scale"]!, layout.scaleDtype), (value, s) => value / s),
  outOfWeights: (layout, arrays, w) =>
    eachColumn(w, readScales(arrays["scale"]!, layout.scaleDtype), (value, s) => value * s),
  describe: (layout) => `channel scale ${layout.scaleDtype}`,
};

function eachColumn(
  { values, rows, columns }: { values: Float32Array; rows: number; columns: number },
  scale: Float32Array,
  combine: (value: number, scale: number) => number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) values[row * columns + c] = combine(values[row * columns + c]!, scale[c]!);
  }
}
