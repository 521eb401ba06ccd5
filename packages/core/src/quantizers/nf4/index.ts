export type { CodebookOptions } from "../codebook/codebook-quantizer.js";
export { NF4_TABLE, nf4 } from "./nf4.js";
