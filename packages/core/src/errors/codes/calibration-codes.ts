/** Codes of calibration (`@lowbit/lm`). */
export const CALIBRATION_CODES = {
  "calibration/output-in-model": {
    meaning:
      "Statistics would be written into the folder of the model, whose safetensors files are all read as its weights.",
    remedy: "Give an --out in another folder.",
  },
  "calibration/invalid-option": {
    meaning: "An option of a calibration set or collector lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "calibration/text-too-short": {
    meaning: "The calibration text has fewer tokens than one sample.",
    remedy: "Give a longer text, or shorter samples.",
  },
  "calibration/token-outside-vocabulary": {
    meaning: "A token id of the calibration set is not in the vocabulary of the model.",
    remedy: "Use the tokenizer of this model.",
  },
  "calibration/non-finite-activation": {
    meaning: "An activation, or a statistic of activations, is NaN or infinite.",
    remedy: "Look for non-finite or huge weights in the layer that the message names: `lowbit stats` finds them.",
  },
  "calibration/memory-limit": {
    meaning: "The memory limit is below what calibration needs for one block.",
    remedy: "Raise --max-memory to at least the amount that the message states, or collect fewer statistics.",
  },
  "calibration/block-mismatch": {
    meaning: "The block that is to replace another one in a walk has other layers or sizes.",
    remedy: "Return a block made from the one that was given, with layers of the same names and sizes.",
  },
  "calibration/not-statistics": {
    meaning: "The file holds no statistics that this version reads.",
    remedy: "Make the statistics with `lowbit calibrate` of this version.",
  },
  "calibration/statistics-damaged": {
    meaning: "A statistic of the file has another size than the layer needs, or values that no statistic can have.",
    remedy: "Make the statistics again with `lowbit calibrate`.",
  },
  "calibration/other-model": {
    meaning: "The statistics were collected on another model.",
    remedy: "Collect statistics of this model with `lowbit calibrate`.",
  },
  "calibration/missing-statistic": {
    meaning: "A statistic is asked for that was not collected.",
    remedy: "Collect it: `lowbit calibrate --collect` lists all kinds.",
  },
  "calibration/aborted": {
    meaning: "Calibration was cancelled; nothing of it is kept.",
    remedy: "Run the same command again.",
  },
} as const;
