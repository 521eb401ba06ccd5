import { LowbitError } from "@lowbit/core/errors";
import type { CalibrationProtocol } from "@lowbit/lm";
import { Option } from "commander";
import type { FileOrigin } from "../calibrate/calibration-samples.js";
import type { StatisticsRequest } from "../quantize/run-quantize.js";
import { wholeNumber } from "./number-option.js";

/** Flags of `statisticsOptions`, as commander gives them. */
export interface StatisticsFlags {
  readonly calibrate?: string;
  readonly tokens?: string;
  readonly statistics?: string;
  readonly samples?: number;
  readonly sampleLength?: number;
  readonly seed?: number;
  readonly protocol?: CalibrationProtocol;
}

const GROUP = "Statistics:";
const PROTOCOLS = ["original", "quantized", "true-sequential"] as const satisfies readonly CalibrationProtocol[];
/** What the samples are where nothing else is asked for. */
const DEFAULTS = { samples: 128, seed: 0, protocol: "quantized" } as const;

/** Options of `lowbit quantize` for methods that need statistics. They have no defaults here, so that one without effect is seen. */
export function statisticsOptions(): readonly Option[] {
  const options = [
    new Option(
      "--calibrate <file>",
      "text to collect statistics on, for methods that need them and to measure errors of layer outputs; - is standard input",
    ).conflicts(["statistics", "tokens"]),
    new Option("--tokens <file>", "JSON list of token ids to collect them on, instead").conflicts("statistics"),
    new Option("--statistics <file>", "statistics that lowbit calibrate collected on this model, instead"),
    new Option("--samples <count>", `how many samples of the text (default: ${DEFAULTS.samples})`).argParser(
      wholeNumber(1, 2 ** 20),
    ),
    new Option(
      "--sample-length <count>",
      "tokens of a sample (default: 512, or the model's context where that is shorter)",
    ).argParser(wholeNumber(2, 2 ** 20)),
    new Option("--seed <number>", `of the choice of samples (default: ${DEFAULTS.seed})`).argParser(
      wholeNumber(0, 2 ** 32 - 1),
    ),
    new Option(
      "--protocol <name>",
      `inputs of a layer come from blocks before it as they were, as they are quantized, or also from layers of its own block as they are quantized (default: ${DEFAULTS.protocol})`,
    ).choices([...PROTOCOLS]),
  ];
  return options.map((option) => option.helpGroup(GROUP));
}

/** @throws `options/command-line` for options of samples where there are none */
export function statisticsOf(flags: StatisticsFlags): StatisticsRequest | undefined {
  const { calibrate, tokens, statistics, sampleLength } = flags;
  if (calibrate === undefined && tokens === undefined) {
    refuseSampleOptions(flags);
    return statistics === undefined ? undefined : { kind: "file", path: statistics };
  }
  const origin: FileOrigin =
    calibrate === undefined ? { kind: "tokens", path: tokens! } : { kind: "text", path: calibrate };
  return {
    kind: "calibration",
    origin,
    samples: flags.samples ?? DEFAULTS.samples,
    seed: flags.seed ?? DEFAULTS.seed,
    protocol: flags.protocol ?? DEFAULTS.protocol,
    ...(sampleLength !== undefined && { sampleLength }),
  };
}

function refuseSampleOptions({ samples, sampleLength, seed, protocol }: StatisticsFlags): void {
  const given = Object.entries({
    "--samples": samples,
    "--sample-length": sampleLength,
    "--seed": seed,
    "--protocol": protocol,
  }).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new LowbitError(
    "options/command-line",
    `${given[0]} is about samples of --calibrate or --tokens; neither is given.`,
    { option: given[0], missing: "--calibrate" },
  );
}
