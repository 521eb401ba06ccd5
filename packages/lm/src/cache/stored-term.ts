import type { BackendBuffer, KernelBackend } from "@lowbit/core/backend";
import { type AffineLayout, placedByteLength, placeTerm, type Term } from "@lowbit/core/terms";

/** An affine term in memory of the backend, which may move: ask for the term at every use. */
export class StoredTerm {
  readonly #layout: AffineLayout;
  readonly #buffer: BackendBuffer;
  #placed: Term<AffineLayout> | undefined;

  constructor(layout: AffineLayout, backend: KernelBackend) {
    this.#layout = layout;
    this.#buffer = backend.allocate(placedByteLength(layout));
  }

  get byteLength(): number {
    return this.#buffer.byteLength;
  }

  term(): Term<AffineLayout> {
    const bytes = this.#buffer.bytes();
    if (this.#placed?.arrays.codes.buffer !== bytes.buffer) this.#placed = placeTerm(this.#layout, bytes);
    return this.#placed!;
  }

  release(): void {
    this.#buffer.release();
  }
}
