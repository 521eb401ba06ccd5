/** Codes of `backend/`. */
export const BACKEND_CODES = {
  "backend/unavailable": {
    meaning: "The backend that was asked for cannot run here.",
    remedy: "Run `lowbit doctor` to see what was tried, or leave --backend out.",
  },
  "backend/out-of-memory": {
    meaning: "The backend could not allocate the memory for one block.",
    remedy: "Lower --threads or --max-memory, or choose another backend.",
  },
  "backend/memory-size": {
    meaning: "The memory that a backend was asked to start with is no size that it can have.",
    remedy: "Give a whole number of bytes inside the range that the message states.",
  },
  "backend/operand-size": {
    meaning: "An array handed to an op does not have the size that the block, the term, the tokens or the dtype need.",
    remedy: "Pass an array of the size that the message states.",
  },
  "backend/group-too-long": {
    meaning: "A group of weights is too long for an exact int32 sum with int8 activations.",
    remedy: "Multiply with f32 activations, or quantize with a smaller group size.",
  },
  "backend/transform-size": {
    meaning: "The size of a Walsh–Hadamard transform is no power of two or does not divide the columns of the matrix.",
    remedy: "Choose a power of two that divides the input features.",
  },
  "backend/unsupported-layout": {
    meaning: "An op was given a term layout that it cannot fill.",
    remedy: "Use a layout of the kind that the message states, or the op that takes this one.",
  },
  "backend/block-size": {
    meaning: "A block of weights does not have the floats that its shape says, or another shape than its term.",
    remedy: "Pass rows × columns floats, and cut the term with termRows to the rows of the block.",
  },
  "backend/matrix-stride": {
    meaning: "The sizes or strides of a matrix are no whole numbers in range, or elements of a product share places.",
    remedy: "Make matrices with rowMajor, transposed and columnSpan, or strides with which every element has a place.",
  },
  "backend/activation-range": {
    meaning: "The largest code for quantized activations does not fit int8.",
    remedy: "Use 127 for 8 bits or 7 for 4 bits.",
  },
  "backend/fit-option": {
    meaning: "An option of a fit lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "backend/tile-size": {
    meaning: "A tile of a map of outliers is not at least one weight high and wide.",
    remedy: "Give whole numbers from 1 on as tile sizes.",
  },
  "backend/kernel-call": {
    meaning: "A kernel was called that this build lacks, or with arguments that do not fit its signature.",
    remedy: "Report this: it is a fault of lowbit, or kernels and core come from different versions.",
  },
  "backend/threads": {
    meaning: "The number of threads is out of range.",
    remedy: "Give --threads a whole number inside the range that the message states.",
  },
  "backend/stale-view": {
    meaning: "An array lies in memory of the backend that has moved since the array was made.",
    remedy: "Ask the buffer for bytes() or floats() again after allocating or after an op took arrays from elsewhere.",
  },
} as const;
