/** Codes of `safetensors/`. */
export const SAFETENSORS_CODES = {
  "safetensors/file-too-small": {
    meaning: "The file is shorter than the 8-byte header length.",
    remedy: "Download the file again; it is empty or cut off.",
  },
} as const;
