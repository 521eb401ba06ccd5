import { ANALYSIS_CODES } from "./codes/analysis-codes.js";
import { BACKEND_CODES } from "./codes/backend-codes.js";
import { BYTES_CODES } from "./codes/bytes-codes.js";
import { CALIBRATION_CODES } from "./codes/calibration-codes.js";
import { EVALUATE_CODES } from "./codes/evaluate-codes.js";
import { GENERATE_CODES } from "./codes/generate-codes.js";
import { GGUF_CODES } from "./codes/gguf-codes.js";
import { GRADIENT_CODES } from "./codes/gradient-codes.js";
import { HUB_CODES } from "./codes/hub-codes.js";
import { LAYOUTS_CODES } from "./codes/layouts-codes.js";
import { MODEL_CODES } from "./codes/model-codes.js";
import { OPTIONS_CODES } from "./codes/options-codes.js";
import { PIPELINE_CODES } from "./codes/pipeline-codes.js";
import { QUANTIZE_CODES } from "./codes/quantize-codes.js";
import { SAFETENSORS_CODES } from "./codes/safetensors-codes.js";
import { TERMS_CODES } from "./codes/terms-codes.js";
import { TOKENIZER_CODES } from "./codes/tokenizer-codes.js";
import { TRANSFORM_CODES } from "./codes/transform-codes.js";

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
  | keyof typeof MODEL_CODES
  | keyof typeof TOKENIZER_CODES
  | keyof typeof EVALUATE_CODES
  | keyof typeof GENERATE_CODES
  | keyof typeof CALIBRATION_CODES
  | keyof typeof GRADIENT_CODES
  | keyof typeof TRANSFORM_CODES
  | keyof typeof PIPELINE_CODES
  | keyof typeof QUANTIZE_CODES
  | keyof typeof GGUF_CODES
  | keyof typeof LAYOUTS_CODES
  | keyof typeof HUB_CODES;

/** The closed list of error codes, `area/cause`. One cause, one code. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorCodeEntry>> = {
  ...BYTES_CODES,
  ...SAFETENSORS_CODES,
  ...TERMS_CODES,
  ...GGUF_CODES,
  ...LAYOUTS_CODES,
  ...OPTIONS_CODES,
  ...ANALYSIS_CODES,
  ...BACKEND_CODES,
  ...PIPELINE_CODES,
  ...QUANTIZE_CODES,
  ...GRADIENT_CODES,
  ...TRANSFORM_CODES,
  ...CALIBRATION_CODES,
  ...GENERATE_CODES,
  ...EVALUATE_CODES,
  ...TOKENIZER_CODES,
  ...MODEL_CODES,
  ...HUB_CODES,
};
