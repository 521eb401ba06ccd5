import { readScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { multiplyTokens, tokenArguments } from "./float-tokens.js";
import type { KernelCaller } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function signMultiply(kernels: KernelCaller, term: Term<SignLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { layout, arrays } = term;
  const { columns } = layout;
  // Without a mean the column scale may as well multiply the activations: once, not in every row.
  const folded = layout.hasColumnScale && !layout.hasMean;
  const given = folded ? scaledColumns(x, readScales(arrays.columnScale!, layout.scaleDtype)) : x;
  const columnScale = layout.hasColumnScale && !folded ? arrays.columnScale! : null;
  const bits = layout.zones === 1 && columnScale === null ? 1 : 0;
  multiplyTokens(kernels, given, layout.rows, y, { bits, columns, groupSize: layout.groupSize }, (tokens) =>
    kernels.call(
      "sign_multiply",
      0,
      layout.rows,
      arrays.signs,
      layout.rows,
      columns,
      layout.groupSize,
      layout.granularity === "tensor" ? 1 : 0,
      layout.zones,
      arrays.scale,
      SCALE_DTYPE_NUMBER[layout.scaleDtype],
      layout.hasMean ? arrays.mean! : null,
      columnScale,
      layout.zones > 1 ? arrays.zoneMap! : null,
      ...tokenArguments(tokens),
    ),
  );
}

function scaledColumns({ values, tokens, columns }: Activations, columnScale: ArrayLike<number>): Activations {
  return { values: values.map((value, at) => value * columnScale[at % columns]!), tokens, columns };
}
