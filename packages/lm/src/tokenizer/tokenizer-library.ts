import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";

/** The parts of `@huggingface/tokenizers` in use; its own type declarations do not resolve under Node's module rules. */
export interface TokenizerLibrary {
  encode(text: string, options?: { add_special_tokens?: boolean }): { readonly ids: readonly (number | undefined)[] };
  decode(
    ids: readonly number[],
    options?: { skip_special_tokens?: boolean; clean_up_tokenization_spaces?: boolean },
  ): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

interface LibraryDecoder {
  text_decoder?: InstanceType<typeof TextDecoder>;
  readonly decoders?: readonly LibraryDecoder[];
}

/** @throws Error of the library for files that it cannot use */
export function openTokenizerLibrary(file: object, config: object): TokenizerLibrary {
  const library = new LibraryTokenizer(file, config) as unknown as TokenizerLibrary & {
    readonly decoder: LibraryDecoder | null;
  };
  if (library.decoder !== null) keepByteOrderMarks(library.decoder);
  return library;
}

/** The library's byte-fallback decoder drops U+FEFF at the start of a run of bytes; text keeps all its characters. */
function keepByteOrderMarks(decoder: LibraryDecoder): void {
  if (decoder.text_decoder !== undefined) decoder.text_decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  decoder.decoders?.forEach(keepByteOrderMarks);
}
