/** One malformed or borderline file, or directory, and what lowbit must answer. */
interface Attack {
  readonly name: string;
  /** An error code, or "ok" when the file must be read. */
  readonly code: string;
  /** What the reference reader answers (the Python package, ggml), where it differs on purpose, and why we do. */
  readonly reference?: "ok" | "refused";
  readonly why?: string;
}

export const HEADER_ATTACKS: readonly (Attack & { readonly bytes: Uint8Array })[];
export const MODEL_ATTACKS: readonly (Attack & { readonly files: Readonly<Record<string, Uint8Array>> })[];
export const GGUF_ATTACKS: readonly (Attack & { readonly bytes: Uint8Array })[];
export const GGUF_MODEL_ATTACKS: readonly (Attack & {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** File to open; absent: the directory. */
  readonly open?: string;
})[];
