/** Codes of `terms/ and layouts/`. */
export const TERMS_CODES = {
  "terms/unknown-kind": {
    meaning: "The file uses a term kind that this version does not know.",
    remedy: "Upgrade lowbit, or ask for the file to be written with a kind of the list.",
  },
  "terms/layout-mismatch": {
    meaning: "A term array does not have the dtype or shape that its layout requires.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
} as const;
