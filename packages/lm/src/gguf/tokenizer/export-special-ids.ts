import { createTokenizer } from "../../tokenizer/create-tokenizer.js";
import { type JsonObject, parseSideFile, type TokenizerFiles } from "../../tokenizer/tokenizer-files.js";
import { refuseTokenizer } from "./refuse-tokenizer.js";

/** Ids of the tokens with a task, and what is put around a text. */
export interface ExportSpecialIds {
  readonly begin: number;
  readonly end: number;
  /** Ends a turn where that is another token than `end`. */
  readonly endOfTurn?: number;
  readonly unknown?: number;
  readonly separator?: number;
  readonly padding?: number;
  readonly addsBegin: boolean;
  readonly addsEnd: boolean;
}

/** A model's settings beside the tokenizer's files: config.json and generation_config.json. */
export type SideConfigs = readonly (string | undefined)[];

/**
 * A token is what tokenizer_config.json or special_tokens_map.json names, else the id in generation_config.json or
 * config.json. Begin and end are always given, because llama.cpp takes id 11 where a byte-level file names none: a
 * tokenizer without a begin token has its end token there, which is then not put before texts.
 * @param ids of every text
 * @throws `tokenizer/gguf-export`
 */
export function exportSpecialIds(
  files: TokenizerFiles,
  ids: ReadonlyMap<string, number>,
  sideConfigs: SideConfigs,
): ExportSpecialIds {
  const { name } = files;
  const named = [
    parseSideFile(files.config, name, "tokenizer_config.json"),
    parseSideFile(files.specialTokens, name, "special_tokens_map.json"),
  ];
  const numbered = sideConfigs.map((text) => parseSideFile(text, name, "config.json"));
  const find = (role: string): readonly number[] => {
    const text = named.map((file) => tokenText(file[`${role}_token`])).find((found) => found !== undefined);
    const id = text === undefined ? undefined : ids.get(text);
    const others = numbered.flatMap((file) => tokenIdList(file[`${role}_token_id`], ids.size));
    return [...(id === undefined ? [] : [id]), ...others];
  };
  const ends = find("eos");
  const begin = find("bos")[0] ?? createTokenizer(files).beginToken ?? ends[0];
  const end = ends[0] ?? begin;
  if (begin === undefined || end === undefined) {
    throw refuseTokenizer(
      name,
      "no file names its begin or end token (bos_token, eos_token), and llama.cpp would take id 11",
    );
  }
  const [unknown, separator, padding] = ["unk", "sep", "pad"].map((role) => find(role)[0]);
  const endOfTurn = ends.find((id) => id !== end);
  return {
    begin,
    end,
    ...(endOfTurn !== undefined && { endOfTurn }),
    ...(unknown !== undefined && { unknown }),
    ...(separator !== undefined && { separator }),
    ...(padding !== undefined && { padding }),
    ...addedAround(files, named[0]!, begin, end),
  };
}

/** What `addSpecialTokens` adds, asked of the tokenizer itself: there are many ways to write it down. */
function addedAround(
  files: TokenizerFiles,
  config: JsonObject,
  begin: number,
  end: number,
): { readonly addsBegin: boolean; readonly addsEnd: boolean } {
  const added = Array.from(createTokenizer(files).encode("", { addSpecialTokens: true }));
  const addsBegin = added[0] === begin;
  const atEnd = added.slice(addsBegin ? 1 : 0);
  const wanted = config["add_eos_token"];
  if (atEnd.length > 1 || (atEnd.length === 1 && atEnd[0] !== end)) {
    const found = `[${added.join(", ")}]`;
    throw refuseTokenizer(
      files.name,
      `it puts the ids ${found} around a text; llama.cpp puts one begin token before and one end token after it`,
    );
  }
  return { addsBegin, addsEnd: typeof wanted === "boolean" ? wanted : atEnd.length === 1 };
}

function tokenText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content: unknown = typeof value === "object" && value !== null ? (value as JsonObject)["content"] : undefined;
  return typeof content === "string" ? content : undefined;
}

function tokenIdList(value: unknown, vocabularySize: number): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter(
    (id): id is number => Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize,
  );
}
