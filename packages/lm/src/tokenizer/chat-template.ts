import { Template } from "@huggingface/jinja";
import { LowbitError } from "@lowbit/core/errors";
import type { ChatMessage, ChatOptions } from "./tokenizer.js";
import { isObject, type JsonObject, type TokenizerFiles } from "./tokenizer-files.js";

/** The template's source: chat_template.jinja, or the (default) template of tokenizer_config.json. */
export function findChatTemplate({ chatTemplate }: TokenizerFiles, config: JsonObject): string | undefined {
  if (chatTemplate !== undefined) return chatTemplate;
  const found = config["chat_template"];
  if (typeof found === "string") return found;
  if (!Array.isArray(found)) return undefined;
  const named: unknown = found.find((entry: unknown) => isObject(entry) && entry["name"] === "default");
  return isObject(named) && typeof named["template"] === "string" ? named["template"] : undefined;
}

/**
 * @param texts what a template may write: `bos_token`, `eos_token`, …
 * @throws `tokenizer/no-chat-template`, `tokenizer/chat-template-failed`
 */
export function renderChatTemplate(
  name: string,
  source: string | undefined,
  texts: Readonly<Record<string, string>>,
  messages: readonly ChatMessage[],
  { addGenerationPrompt = false }: ChatOptions = {},
): string {
  if (source === undefined) {
    throw new LowbitError("tokenizer/no-chat-template", `${name}: has no chat template.`, { path: name });
  }
  try {
    return new Template(source).render({ ...texts, messages, add_generation_prompt: addGenerationPrompt });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LowbitError(
      "tokenizer/chat-template-failed",
      `${name}: the chat template failed (${reason}) on ${messages.length} messages with the roles ${messages.map(({ role }) => role).join(", ")}.`,
      { path: name, roles: messages.map(({ role }) => role) },
      { cause: error },
    );
  }
}
