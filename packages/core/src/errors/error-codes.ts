import { ANALYSIS_CODES } from "./codes/analysis-codes.js";
import { BACKEND_CODES } from "./codes/backend-codes.js";
import { BYTES_CODES } from "./codes/bytes-codes.js";
import { OPTIONS_CODES } from "./codes/options-codes.js";
import { PIPELINE_CODES } from "./codes/pipeline-codes.js";
import { SAFETENSORS_CODES } from "./codes/safetensors-codes.js";
import { TERMS_CODES } from "./codes/terms-codes.js";

/** What a code means and what its reader can do; docs/errors.md is generated from these entries. */
export interface ErrorCodeEntry {
  /** One sentence: what is wrong, without values. */
  readonly meaning: string;
  /** One sentence, imperative: what to do about it. */
  readonly remedy: string;
}

export type ErrorCode =
  | keyof typeof ANALYSIS_CODES
  | keyof typeof BYTES_CODES
  | keyof typeof SAFETENSORS_CODES
  | keyof typeof TERMS_CODES
  | keyof typeof OPTIONS_CODES
  | keyof typeof BACKEND_CODES
  | keyof typeof PIPELINE_CODES;

/** The closed list of error codes, `area/cause`. One cause, one code. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorCodeEntry>> = {
  ...BYTES_CODES,
  ...SAFETENSORS_CODES,
  ...TERMS_CODES,
  ...OPTIONS_CODES,
  ...ANALYSIS_CODES,
  ...BACKEND_CODES,
  ...PIPELINE_CODES,
};
