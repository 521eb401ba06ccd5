import type { RequestFailure } from "../../protocol/envelope.js";
import type { MethodForm } from "../../protocol/trial-messages.js";
import { optionsOfFailure } from "../method-form/method-form.js";

const OUTPUT_CODES = [
  "pipeline/output-exists",
  "pipeline/output-is-input",
  "pipeline/partial-exists",
  "options/output-path",
];

/** The field beside which a refusal is shown: one of the method's, the output's, that of kept names, or none. */
export function failurePlace(
  failure: RequestFailure,
  form: MethodForm | undefined,
): "options" | "output" | "keep" | "whole" {
  if (OUTPUT_CODES.includes(failure.code)) return "output";
  if (failure.code === "pipeline/unmatched-rule") return "keep";
  return form !== undefined && optionsOfFailure(form, failure).length > 0 ? "options" : "whole";
}
