/** Codes of `pipeline/ and node/`. */
export const PIPELINE_CODES = {
  "pipeline/non-finite-weight": {
    meaning: "A weight to be quantized is NaN or infinite.",
    remedy: "Repair the checkpoint, or keep the tensor as it is with --skip.",
  },
  "pipeline/scale-overflow": {
    meaning: "A scale, mean or minimum does not fit into the dtype in which it is stored.",
    remedy: "Choose a wider scale dtype for this tensor: scaleDtype BF16 or F32.",
  },
  "pipeline/unmatched-rule": {
    meaning: "An override, a --skip or a rule of the recipe matches no tensor of the checkpoint.",
    remedy: "Compare the pattern with the names that `lowbit inspect` prints, or remove it.",
  },
  "pipeline/nothing-to-do": {
    meaning: "Not one tensor of the checkpoint would be changed.",
    remedy: "See the reasons with --dry-run; name the tensors with --override to quantize them all the same.",
  },
  "pipeline/not-quantized": {
    meaning: "The checkpoint to dequantize holds no weight that lowbit has quantized.",
    remedy: "Give a checkpoint that `lowbit quantize` wrote; `lowbit inspect` shows how weights are stored.",
  },
  "pipeline/unsupported-term": {
    meaning:
      "The method stores a kind of term whose size depends on the weights, which this pipeline cannot lay out before the run.",
    remedy: "Choose another method.",
  },
  "pipeline/memory-limit": {
    meaning: "The memory limit is below what one worker needs for its block buffers.",
    remedy: "Raise --max-memory to at least the amount that the message states.",
  },
  "pipeline/config-invalid": {
    meaning: "config.json beside the weights is not a JSON object, so quantization_config cannot be added to it.",
    remedy: "Repair config.json, or give the path of the weights file instead of the directory.",
  },
  "pipeline/output-exists": {
    meaning: "The output path exists already.",
    remedy: "Choose another path, or replace it with --force.",
  },
  "pipeline/output-is-input": {
    meaning: "The output would overwrite the checkpoint that is read, or lie inside it.",
    remedy: "Choose an output path outside the input.",
  },
  "pipeline/partial-exists": {
    meaning: "An unfinished output of an earlier run lies beside the output path.",
    remedy: "Go on with it with --resume, or start again with --force.",
  },
  "pipeline/resume-mismatch": {
    meaning: "The unfinished output was begun with other settings, another input or another version.",
    remedy: "Repeat the command of the unfinished run, or start again with --force.",
  },
  "pipeline/resume-damaged": {
    meaning: "The journal or the files of the unfinished output are not as the run left them.",
    remedy: "Start again with --force.",
  },
  "pipeline/write-failed": {
    meaning: "The operating system refused to create or write an output file.",
    remedy:
      "Check free space and permissions of the output's folder, then run the same command again; quantize and dequantize go on with --resume.",
  },
  "pipeline/worker-failed": {
    meaning: "A worker thread ended unexpectedly.",
    remedy: "Go on with --resume; with --threads 1 no worker threads are used.",
  },
  "pipeline/value-overflow": {
    meaning: "A dequantized weight does not fit into the dtype that was asked for.",
    remedy: "Choose a wider dtype: bf16 or f32.",
  },
  "pipeline/tensor-not-float": {
    meaning: "The tensor holds no real numbers, so it has no values to compare or convert.",
    remedy: "Choose a tensor of a float dtype.",
  },
  "pipeline/trial-refused": {
    meaning: "A weight was to be quantized on trial that is no matrix of real numbers.",
    remedy: "Choose a weight with two or more axes and a float dtype; the message says what this one lacks.",
  },
  "pipeline/trial-too-large": {
    meaning: "Quantizing the weight on trial needs more memory than is allowed.",
    remedy: "Raise the limit to at least what the message states, or choose a smaller weight.",
  },
  "pipeline/gguf-input": {
    meaning:
      "A GGUF model was given where the work needs a model in safetensors files, with their names and side files.",
    remedy: "Convert it first: `lowbit convert model.gguf directory --to safetensors`.",
  },
  "pipeline/not-replaceable": {
    meaning: "Something that is no model stands where the output would go; it would have been deleted.",
    remedy: "Choose another output path, or move away what stands there.",
  },
  "pipeline/aborted": {
    meaning: "The work was cancelled before it was complete.",
    remedy: "Run the same command with --resume to go on.",
  },
} as const;
