import { arbLlm } from "./arb-llm/arb-llm.js";
import { awq } from "./awq/awq.js";
import { billm } from "./billm/billm.js";
import type { CalibratedQuantizer } from "./calibrated-quantizer.js";
import { gptq } from "./gptq/gptq.js";
import { gptqt } from "./gptqt/gptqt.js";
import { gwq } from "./gwq/gwq.js";
import { pbLlm } from "./pb-llm/pb-llm.js";
import { spqr } from "./spqr/spqr.js";
import { stbllm } from "./stbllm/stbllm.js";

/** Every calibrated method by its name on the command line. The only list of them. */
export const CALIBRATED_QUANTIZERS: Readonly<Record<string, CalibratedQuantizer>> = {
  awq,
  gptq,
  gptqt,
  gwq,
  "pb-llm": pbLlm,
  billm,
  "arb-llm": arbLlm,
  stbllm,
  spqr,
};
