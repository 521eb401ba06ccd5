import { isLowbitError } from "@lowbit/core/errors";
import { openTokenizer } from "@lowbit/lm/node";
import type { TokenizeAnswer, TokenizeTask } from "./tokenize.js";

const answer = (message: TokenizeAnswer): void => void process.send!(message);

// Ctrl-C reaches every process of the terminal; the parent decides, and ends this one.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => {});

process.once("message", async ({ directory, text }: TokenizeTask) => {
  try {
    const { encode, vocabularySize, beginToken, addsBeginToken } = await openTokenizer(directory);
    const tokenizer = { vocabularySize, addsBeginToken, ...(beginToken !== undefined && { beginToken }) };
    answer({ kind: "done", result: { tokens: encode(text), tokenizer } });
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    const { code, message, facts } = error;
    answer({ kind: "refused", code, message, facts });
  }
});
