/** A typed array that the kernel writes; everything else that is passed is only read. */
export interface OutputArray {
  readonly output: ArrayBufferView;
}
export function output(array: ArrayBufferView): OutputArray {
  return { output: array };
}

/** A pointer (array, `null` for none) or a number (integers and floats by the C signature). */
export type KernelArgument = ArrayBufferView | OutputArray | number | null;

/**
 * How a compiled backend calls its kernels. The C signatures stand in packages/kernels-src/include/lowbit_kernels.h;
 * WASM turns arrays into offsets in its memory (copying those that are not in it), native into pointers.
 */
export interface KernelCaller {
  call(kernel: string, ...args: readonly KernelArgument[]): number;
  /**
   * Working memory of one op, 64-byte aligned, contents undefined at first. A call may move it (a WASM memory that
   * grows), so ask again before every further call of the op: the same length gives the same contents.
   */
  scratch(byteLength: number): Uint8Array;
}
