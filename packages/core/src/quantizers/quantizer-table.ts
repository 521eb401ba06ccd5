import { arb } from "./arb/arb.js";
import { binary } from "./binary/binary.js";
import { binaryCoding } from "./binary-coding/binary-coding.js";
import { db } from "./db/db.js";
import { fp4 } from "./fp4/fp4.js";
import { hqq } from "./hqq/hqq.js";
import { nf4 } from "./nf4/nf4.js";
import type { Quantizer } from "./quantizer.js";
import { rtn } from "./rtn/rtn.js";
import { svid } from "./svid/svid.js";
import { ternary } from "./ternary/ternary.js";

/** Every quantization method by its name on the command line. The only list. */
export const QUANTIZERS: Readonly<Record<string, Quantizer>> = {
  rtn,
  hqq,
  nf4,
  fp4,
  binary,
  ternary,
  "binary-coding": binaryCoding,
  arb,
  svid,
  db,
};
