import { LowbitError } from "@lowbit/core/errors";
import { findChatTemplate, renderChatTemplate } from "./chat-template.js";
import { specialTexts } from "./special-tokens.js";
import { splitWords } from "./split-words.js";
import { createStreamDecoder } from "./stream-decoder.js";
import type { Tokenizer } from "./tokenizer.js";
import { invalid, parseSideFile, parseTokenizerFile, type TokenizerFiles, tokenIds } from "./tokenizer-files.js";
import { openTokenizerLibrary, type TokenizerLibrary } from "./tokenizer-library.js";

/**
 * A tokenizer from the files of a model directory. Whether it adds a begin token is what `add_bos_token` of
 * tokenizer_config.json says, otherwise what the post-processor of tokenizer.json does.
 * @throws `tokenizer/invalid-file`
 */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  const { name } = files;
  const file = parseTokenizerFile(files);
  const config = parseSideFile(files.config, name, "tokenizer_config.json");
  const texts = specialTexts(config, parseSideFile(files.specialTokens, name, "special_tokens_map.json"));
  const template = findChatTemplate(files, config);
  const library = openLibrary(splitWords(file), config, name);

  const firstAdded = library.encode("", { add_special_tokens: true }).ids[0];
  const beginToken = idOf(library, texts["bos_token"]) ?? firstAdded;
  const endToken = idOf(library, texts["eos_token"]);
  const wanted = config["add_bos_token"];
  const libraryAdds = beginToken !== undefined && firstAdded === beginToken;
  const addsBeginToken = beginToken !== undefined && (typeof wanted === "boolean" ? wanted : libraryAdds);

  const decode = (ids: Iterable<number>, keepSpecialTokens = false): string => {
    const known = Array.from(ids).filter((id) => library.id_to_token(id) !== undefined);
    if (known.length === 0) return "";
    return library.decode(known, { skip_special_tokens: !keepSpecialTokens, clean_up_tokenization_spaces: false });
  };
  return {
    vocabularySize: tokenIds(file).reduce((most, id) => Math.max(most, id + 1), 0),
    ...(beginToken !== undefined && { beginToken }),
    endTokens: endToken === undefined ? [] : [endToken],
    addsBeginToken,
    hasChatTemplate: template !== undefined,
    encode(text, { addSpecialTokens = false } = {}) {
      const { ids } = library.encode(text, { add_special_tokens: addSpecialTokens });
      const known = checkKnown(ids, name);
      if (!addSpecialTokens || libraryAdds === addsBeginToken) return Uint32Array.from(known);
      return Uint32Array.from(libraryAdds ? known.slice(1) : [beginToken!].concat(known));
    },
    decode: (ids, { keepSpecialTokens = false } = {}) => decode(ids, keepSpecialTokens),
    streamDecoder: () => createStreamDecoder(decode),
    renderChat: (messages, options) => renderChatTemplate(name, template, texts, messages, options),
  };
}

function openLibrary(file: object, config: object, name: string): TokenizerLibrary {
  try {
    return openTokenizerLibrary(file, config);
  } catch (error) {
    throw invalid(name, "tokenizer.json", `cannot be used (${(error as Error).message})`, error);
  }
}

function idOf(library: TokenizerLibrary, text: string | undefined): number | undefined {
  return text === undefined ? undefined : library.token_to_id(text);
}

/** The library gives undefined for text that the vocabulary lacks when there is no token for unknown text. */
function checkKnown(ids: readonly (number | undefined)[], name: string): readonly number[] {
  const place = ids.indexOf(undefined);
  if (place < 0) return ids as readonly number[];
  throw new LowbitError(
    "tokenizer/unknown-text",
    `${name}: token ${place} of the text is not in the vocabulary, and the tokenizer has no token for unknown text.`,
    { path: name, token: place },
  );
}
