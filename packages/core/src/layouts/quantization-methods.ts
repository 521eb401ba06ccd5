/** Values of `quant_method` in config.json whose weights a layout reads. */
export const QUANTIZATION_METHODS: readonly string[] = [
  "lowbit",
  "gptq",
  "awq",
  "hqq",
  "compressed-tensors",
  "bitsandbytes",
  "bitnet",
  "fp8",
  "fbgemm_fp8",
  "mxfp4",
];
