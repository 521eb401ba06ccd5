import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours for standard output; plain when it is not a terminal or NO_COLOR is set. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Colours for standard error. */
export function paintError(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}
