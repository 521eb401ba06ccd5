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
  /** Working memory for one call, 64-byte aligned, contents undefined, valid until the next `scratch`. */
  scratch(byteLength: number): Uint8Array;
}
