/** Codes of `the option tables of the quantizers`. */
export const OPTIONS_CODES = {
  "options/unknown-method": {
    meaning: "No quantization method has this name.",
    remedy: "Choose one of the methods that `lowbit methods` lists.",
  },
  "options/unknown-option": {
    meaning: "The method has no option of this name.",
    remedy: "See the options of the method with `lowbit methods NAME`.",
  },
  "options/invalid-value": {
    meaning: "The option value has the wrong type or lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "options/conflict": {
    meaning: "Two options exclude each other.",
    remedy: "Remove one of the options that the message names.",
  },
} as const;
