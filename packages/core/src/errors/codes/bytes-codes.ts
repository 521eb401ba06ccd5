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
  "bytes/cannot-open": {
    meaning: "The path or URL cannot be opened.",
    remedy: "Check the spelling, that it exists, and that you may read it.",
  },
  "bytes/http-status": {
    meaning: "The server answered a range request with an unexpected status.",
    remedy: "Check the URL and whether it needs a login; try again later when the server is at fault.",
  },
  "bytes/http-no-range": {
    meaning: "The server ignores range requests, so single tensors cannot be read from it.",
    remedy: "Download the file and open the local copy.",
  },
  "bytes/http-bad-range": {
    meaning: "The server answered with another range than the one asked for, or without a usable Content-Range.",
    remedy: "Download the file and open the local copy; a proxy between may rewrite answers.",
  },
  "bytes/http-interrupted": {
    meaning: "The connection to the server failed after the file was opened.",
    remedy: "Read again: the source can still be used. Where it happens often, download the file.",
  },
  "bytes/http-changed": {
    meaning: "The file on the server changed while it was being read.",
    remedy: "Open the URL again, or use one that names a fixed revision.",
  },
} as const;
