import { readFileSync } from "node:fs";

/** A text of about two hundred tokens of tiny-llama, written for these tests. */
export const SHORT_TEXT: string = readFileSync(new URL("./__golden__/short-text.txt", import.meta.url), "utf8");
