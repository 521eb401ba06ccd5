import { fork } from "node:child_process";
import { type ErrorCode, type ErrorFacts, LowbitError } from "@lowbit/core/errors";

/** What the evaluation keeps of a tokenizer. */
export interface TokenizerFacts {
  readonly vocabularySize: number;
  readonly beginToken?: number;
  readonly addsBeginToken: boolean;
}

export interface TokenizedText {
  readonly tokens: Uint32Array;
  readonly tokenizer: TokenizerFacts;
}

/** What the process gets and answers. */
export interface TokenizeTask {
  readonly directory: string;
  readonly text: string;
}
export type TokenizeAnswer =
  | { readonly kind: "done"; readonly result: TokenizedText }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string; readonly facts: ErrorFacts };

/**
 * Token ids of a text, made in a process of its own: a tokenizer and the strings of a long text take hundreds of megabytes,
 * which only the end of the process gives back.
 * @throws what `openTokenizer` and `encode` throw, `evaluate/aborted`
 */
export async function tokenize(task: TokenizeTask, signal: AbortSignal): Promise<TokenizedText> {
  const child = fork(new URL("./tokenize-process.js", import.meta.url), [], {
    serialization: "advanced",
    execArgv: [],
  });
  try {
    const answer = await new Promise<TokenizeAnswer>((resolve, reject) => {
      const cancel = (): void => reject(new LowbitError("evaluate/aborted", "The evaluation was cancelled."));
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true });
      child.once("message", (message) => resolve(message as TokenizeAnswer));
      child.once("error", reject);
      child.once("exit", (code, killer) => reject(new Error(`The tokenizer process ended early (${killer ?? code}).`)));
      child.send(task);
    });
    if (answer.kind === "refused") throw new LowbitError(answer.code, answer.message, answer.facts);
    return answer.result;
  } finally {
    child.kill("SIGKILL");
  }
}
