import type { DecoderConfig } from "../model/decoder-config.js";
import type { ConfigFields } from "./config-fields.js";

/** Begin and end tokens of a config.json; a model may have several end tokens. */
export function specialTokens(
  fields: ConfigFields,
  vocabularySize: number,
): Pick<DecoderConfig, "beginToken" | "endTokens"> {
  const [beginToken] = fields.tokens("bos_token_id", vocabularySize);
  return { ...(beginToken !== undefined && { beginToken }), endTokens: fields.tokens("eos_token_id", vocabularySize) };
}
