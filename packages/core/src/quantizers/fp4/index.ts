export type { CodebookOptions } from "../codebook/codebook-quantizer.js";
export { FP4_TABLE, fp4 } from "./fp4.js";
