import { LowbitError } from "@lowbit/core/errors";
import { Option } from "commander";
import type { ConvertRequest } from "../convert/run-convert.js";
import { conversionRequest, type LayoutFlags, type RunFlags } from "./conversion-request.js";

/** Flags of `formatOptions`. They have no defaults here, so that one without effect is seen. */
export interface FormatFlags extends LayoutFlags {
  readonly format?: string;
}

const GROUP = "Layouts of other programs:";

/** Options of `lowbit quantize` for an output that is not lowbit's own. */
export function formatOptions(): readonly Option[] {
  const options = [
    new Option(
      "--format <layout>",
      "LAYOUT[:TYPE] of the output, as for lowbit convert; without --method its own rounding (GGUF: the block encoder)",
    ).conflicts("targetBpw"),
    new Option(
      "--encoder <name>",
      "scales of GGUF blocks: lowbit's search, or ggml's own rule to the byte (default: lowbit)",
    ).choices(["lowbit", "ggml"]),
    new Option("--importance <file>", "weigh the search: an imatrix of llama.cpp, or statistics of lowbit calibrate"),
    new Option("--tensor-type <rule>", "GGUF type of some tensors, 'GLOB=TYPE'; repeatable").argParser(
      (value: string, list: readonly string[] | undefined) => [...(list ?? []), value],
    ),
    new Option("--pure", "one GGUF type for every matrix, the embedding and the output too"),
    new Option("--embedding-type <type>", "GGUF type of the embedding"),
    new Option("--output-type <type>", "GGUF type of the output"),
    new Option(
      "--pre <name>",
      "GGUF: llama.cpp's name for the way the tokenizer cuts text, where it is not recognised",
    ),
  ];
  return options.map((option) => option.helpGroup(GROUP));
}

/** @throws `options/command-line` for one of these options without --format */
export function refuseFormatOptions(flags: FormatFlags): void {
  const names = ["encoder", "importance", "tensorType", "pure", "embeddingType", "outputType", "pre"] as const;
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return;
  const options = given.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  throw new LowbitError("options/command-line", `${options.join(", ")}: only with --format gguf.`, { options });
}

/**
 * A method chooses the codes: only a type that is stated for a tensor has something encoded beside them.
 * @throws `options/command-line`
 */
export function refuseEncoderWithMethod(flags: FormatFlags): void {
  const { encoder, importance, tensorType, embeddingType, outputType } = flags;
  if (tensorType !== undefined || embeddingType !== undefined || outputType !== undefined) return;
  const options = [encoder !== undefined && "--encoder", importance !== undefined && "--importance"].filter(
    (option) => option !== false,
  );
  if (options.length === 0) return;
  throw new LowbitError(
    "options/command-line",
    `${options.join(", ")}: the method chooses the codes; with one they are about --tensor-type, --embedding-type and --output-type alone.`,
    { options },
  );
}

/** Choosing new codes is what was asked for. */
export function formatRequest(
  input: string,
  output: string,
  format: string,
  flags: FormatFlags & RunFlags,
): ConvertRequest {
  return { ...conversionRequest(input, output, format, flags), allowRequantize: true, measuresErrors: true };
}
