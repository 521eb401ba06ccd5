/** Elements of one "row" of the decode and encode kernels, the unit that threads share: LOWBIT_DTYPE_SPAN there. */
export const DTYPE_SPAN = 4096;
