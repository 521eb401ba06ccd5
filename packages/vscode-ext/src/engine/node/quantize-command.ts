import type { QuantizeSettings } from "../../protocol/quantize-messages.js";
import { shellWord } from "../shell-word.js";

/** The same from a terminal. */
export function quantizeCommand(input: string, settings: QuantizeSettings): string {
  const { method, options, output, keep, force } = settings;
  const words = ["lowbit", "quantize", input, output, "--method", method];
  for (const [name, value] of Object.entries(options)) words.push(optionFlag(name), String(value));
  for (const pattern of keep) words.push("--skip", pattern);
  if (force) words.push("--force");
  return words.map(shellWord).join(" ");
}

/** "scaleDtype" → "--scale-dtype". */
function optionFlag(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
