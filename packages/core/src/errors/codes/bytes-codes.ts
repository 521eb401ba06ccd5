/** Codes of `bytes/`. */
export const BYTES_CODES = {
  "bytes/out-of-bounds": {
    meaning: "A read asked for bytes outside the source.",
    remedy: "Report this with the file: a header number was not checked against the file size.",
  },
  "bytes/short-read": {
    meaning: "The source ended before the bytes that its size promises.",
    remedy: "Check that the file is complete and that nothing writes to it, then try again.",
  },
} as const;
