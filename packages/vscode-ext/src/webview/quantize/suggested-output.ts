import type { OptionValues } from "../../protocol/trial-messages.js";

/**
 * Name of the output: "MODEL-METHOD-Bbit", without bits for methods that have no such option. Letters of the model's name
 * that some file system refuses become "-"; endings of files go.
 */
export function suggestedOutput(model: string, method: string, options: OptionValues): string {
  const base = model
    .replace(/\.safetensors(\.index\.json)?$|\.gguf$/i, "")
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  const letters = [...base].slice(0, 100);
  const bits = options["bits"];
  return [
    letters.length === 0 ? "model" : letters.join(""),
    method,
    ...(typeof bits === "number" ? [`${bits}bit`] : []),
  ].join("-");
}
