import type { OptionSpec } from "../option-table.js";

/** Options that the block-wise binary methods share. */
export const METRIC_OPTION: OptionSpec = {
  kind: "choice",
  default: "hessian",
  choices: ["hessian", "magnitude"],
  help: "Saliency of a weight: w² / U_jj² (what losing it costs in output error), or |w|.",
};

export const BLOCK_OPTION: OptionSpec = {
  kind: "integer",
  default: 128,
  minimum: 8,
  maximum: 1024,
  help: "Columns that are fitted together and share scales; errors are passed on to later blocks.",
};

export const SALIENT_LIMIT_OPTION: OptionSpec = {
  kind: "integer",
  default: 49,
  minimum: 1,
  maximum: 1024,
  help: "Most columns of a block that get a second sign plane; a search finds how many do.",
};

export const MEAN_OPTION: OptionSpec = {
  kind: "boolean",
  default: false,
  help: "Centre every zone of a row on its mean and store it; reference always does.",
};
