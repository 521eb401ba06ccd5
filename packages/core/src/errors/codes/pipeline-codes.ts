/** Codes of `pipeline/ and node/`. */
export const PIPELINE_CODES = {
  "pipeline/non-finite-weight": {
    meaning: "A weight to be quantized is NaN or infinite.",
    remedy: "Repair the checkpoint, or keep the tensor as it is with --skip.",
  },
  "pipeline/output-exists": {
    meaning: "The output path exists already.",
    remedy: "Choose another path, or replace it with --force.",
  },
  "pipeline/aborted": {
    meaning: "The work was cancelled before it was complete.",
    remedy: "Run the same command with --resume to go on.",
  },
} as const;
