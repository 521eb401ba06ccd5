import { CALIBRATED_QUANTIZERS, type MethodTable, QUANTIZERS } from "@lowbit/core/quantizers";

/** Every method that a language model can be quantized with, data-free or calibrated, by its name on the command line. */
export const METHODS: MethodTable = { ...QUANTIZERS, ...CALIBRATED_QUANTIZERS };
