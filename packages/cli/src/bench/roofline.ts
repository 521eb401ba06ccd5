import type { BackendBuffer, KernelBackend } from "@lowbit/core/backend";
import { median } from "./median.js";

/** Memory speed of a backend, measured as its kernels see it. */
export interface Roofline {
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
  /** Bytes read each time; larger than any cache. */
  readonly bytes: number;
  /** Median and best over the rounds, in 1e9 bytes a second. */
  readonly median: number;
  readonly best: number;
  readonly rounds: number;
}

/** 256 MiB: beyond the last cache of all but the largest servers. */
export const ROOFLINE_BYTES: number = 256 * 2 ** 20;

/** Reads `bytes` bytes of memory `rounds` times as four interleaved streams. */
export function measureRoofline(backend: KernelBackend, rounds = 7, bytes: number = ROOFLINE_BYTES): Roofline {
  const buffer = filledBuffer(backend, bytes);
  const seconds = Array.from({ length: rounds + 1 }, () => secondsOf(() => backend.readBandwidth(buffer.bytes())));
  buffer.release();
  const rates = seconds.slice(1).map((time) => bytes / time / 1e9); // the first one warms up
  const { name, isa, threads } = backend;
  return { backend: name, isa, threads, bytes, median: median(rates), best: Math.max(...rates), rounds };
}

/** Backend memory with contents that no two pages share. */
export function filledBuffer(backend: KernelBackend, byteLength: number): BackendBuffer {
  const buffer = backend.allocate(byteLength);
  const words = new Uint32Array(buffer.bytes().buffer, buffer.bytes().byteOffset, byteLength / 4);
  let word = 1;
  for (let i = 0; i < words.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[i] = word;
  }
  return buffer;
}

export function secondsOf(run: () => void): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1000;
}
