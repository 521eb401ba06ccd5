import { decodeTable } from "../dtype/decode-table.js";
import type { Dtype } from "../dtype/dtype-table.js";
import { writeScales } from "../terms/scale-array.js";
import { wrongValue } from "./partner-tensors.js";

/** 8-bit floats that weights are stored in. */
export type CodeDtype = "F8_E4M3" | "F8_E5M2" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ";

export function isCodeDtype(dtype: Dtype): dtype is CodeDtype {
  return dtype === "F8_E4M3" || dtype === "F8_E5M2" || dtype === "F8_E4M3FNUZ" || dtype === "F8_E5M2FNUZ";
}

/** Names of the tables as they stand in `CodebookLayout.codebook`. */
export const CODEBOOK_NAMES: Readonly<Record<CodeDtype | "F4", string>> = {
  F8_E4M3: "fp8-e4m3",
  F8_E5M2: "fp8-e5m2",
  F8_E4M3FNUZ: "fp8-e4m3fnuz",
  F8_E5M2FNUZ: "fp8-e5m2fnuz",
  F4: "fp4-e2m1",
};

/** The table of a codebook term: the value of every code; 0 for those that stand for no number (`checkCodes`). */
export function floatTable(dtype: CodeDtype | "F4"): Uint8Array {
  const values = decodeTable(dtype).map((value) => (Number.isFinite(value) ? value : 0));
  const table = new Uint8Array(4 * values.length);
  writeScales(values, "F32", table);
  // `writeScales` stores −0 as +0; the sign of a zero changes no weight.
  return table;
}

/** @throws `layouts/wrong-value` at the first code that is NaN or infinite */
export function checkCodes(layout: string, tensor: string, dtype: CodeDtype, codes: Uint8Array): void {
  const values = decodeTable(dtype);
  for (const code of codes) {
    if (Number.isFinite(values[code])) continue;
    throw wrongValue(layout, tensor, `holds the code ${code}, which is ${values[code]}`);
  }
}

/**
 * Scales 2^(byte − 127) as BF16, which holds each of them.
 * @throws `layouts/wrong-value` for 255, which is NaN
 */
export function exponentScales(layout: string, tensor: string, bytes: Uint8Array): Uint8Array {
  const scales = new Uint8Array(2 * bytes.length);
  const values = Float32Array.from(bytes, (byte) => {
    if (byte === 255) throw wrongValue(layout, tensor, "holds the scale 255, which is NaN");
    return 2 ** (byte - 127);
  });
  writeScales(values, "BF16", scales);
  return scales;
}

/** @throws `layouts/wrong-value` at the first scale that is NaN or infinite */
export function checkFinite(layout: string, tensor: string, scales: Float32Array): void {
  const found = scales.find((scale) => !Number.isFinite(scale));
  if (found !== undefined) throw wrongValue(layout, tensor, `holds the scale ${found}`);
}
