import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { blockType } from "@lowbit/core/blocks";
import {
  doesNotFit,
  type ExpectedWeight,
  type LayoutRefusal,
  type RefusedWeight,
  staticRefusal,
  type WholeWeight,
} from "@lowbit/core/layouts";
import { type ConversionReport, checkOutputPaths } from "@lowbit/core/node";
import type { QuantizationPlan, QuantizationReport } from "@lowbit/core/pipeline";
import { fillsRows, isBlockType } from "@lowbit/lm";
import {
  forecastQuantize,
  type QuantizeForecast,
  type QuantizeRequest,
  runQuantize,
} from "../quantize/run-quantize.js";
import { parseTarget } from "./parse-target.js";
import { type ConvertRequest, checkedTarget, runConvert, type WeightTarget } from "./run-convert.js";

export interface QuantizedTo {
  readonly quantization: QuantizationReport;
  readonly conversion: ConversionReport;
}

/**
 * Quantizes by a method, then packs the result in another layout. The quantized model stands in `OUTPUT.quantized` meanwhile.
 * @throws `convert/does-not-fit`, before any work where the method's terms never fit the layout
 */
export async function runQuantizeTo(quantize: QuantizeRequest, convert: ConvertRequest): Promise<QuantizedTo> {
  const { settings, target } = checkedSettings(convert);
  const { output, resume = false, force = false } = quantize;
  await checkOutputPaths({ output, resume, force });
  const between = `${output}.quantized`;
  await checkOutputPaths({ output: between, resume, force: true });
  if (fitting(target) !== undefined) refuseUnfit(await forecastBetween(quantize), target);
  if (!resume || !existsSync(between)) await rm(between, { recursive: true, force: true });
  const quantization = await runQuantize({ ...quantize, output: between, force: true });
  const conversion = await runConvert({ ...settings, input: between });
  await rm(between, { recursive: true, force: true });
  return { quantization, conversion };
}

/**
 * The plan of the quantization, with everything refused that `runQuantizeTo` refuses before it works. Writes nothing.
 * @throws `convert/does-not-fit`
 */
export async function forecastQuantizeTo(
  quantize: QuantizeRequest,
  convert: ConvertRequest,
): Promise<QuantizeForecast> {
  const { target } = checkedSettings(convert);
  const forecast = await forecastBetween(quantize);
  refuseUnfit(forecast, target);
  return forecast;
}

/** Only GGUF outputs go on where they were cancelled, and only they have threads to save. */
function checkedSettings(convert: ConvertRequest): {
  readonly settings: ConvertRequest;
  readonly target: WeightTarget;
} {
  const { maxMemoryBytes: _, ...others } = convert;
  const settings = parseTarget(convert.to).kind === "gguf" ? convert : { ...others, resume: false };
  return { settings, target: checkedTarget(settings) };
}

function forecastBetween(quantize: QuantizeRequest): Promise<QuantizeForecast> {
  return forecastQuantize({ ...quantize, output: `${quantize.output}.quantized`, force: true });
}

/** Tries what the plan says of every weight's terms on the layout, each form once. */
function refuseUnfit({ forecast }: QuantizeForecast, target: WeightTarget): void {
  const fits = fitting(target);
  if (fits === undefined) return;
  const refused: RefusedWeight[] = [];
  const known = new Map<string, LayoutRefusal | undefined>();
  const expected = expectedWeights(forecast.plan);
  for (const weight of expected) {
    const form = JSON.stringify([weight.shape, weight.dtype, weight.terms, weight.transforms]);
    if (!known.has(form)) known.set(form, staticRefusal(weight, fits));
    const refusal = known.get(form);
    if (refusal !== undefined) refused.push({ name: weight.name, reason: refusal.reason });
  }
  if (refused.length > 0) throw doesNotFit(target.name, refused, expected.length);
}

function expectedWeights({ tensors }: QuantizationPlan): readonly ExpectedWeight[] {
  return tensors.flatMap(({ tensor, quantization }) => {
    if (quantization === undefined) return [];
    const { name, shape, dtype } = tensor;
    const { terms, transforms } = quantization;
    return [{ name, shape, dtype, terms, transforms }];
  });
}

/** What a layout says of a weight; undefined where every weight fits, or where it depends on the weight's type. */
function fitting(target: WeightTarget): ((weight: WholeWeight) => LayoutRefusal | undefined) | undefined {
  if (target.kind === "writer") {
    return (weight) => {
      const packed = target.writer.pack(weight, target.type);
      return "reason" in packed ? packed : undefined;
    };
  }
  if (target.kind !== "gguf" || target.recipe === undefined) return undefined;
  const { type, name } = target.recipe;
  // Mixed recipes give tensors other types; only those of one type are known here.
  if (!isBlockType(type) || name !== type) return undefined;
  const block = blockType(type);
  return ({ terms, transforms, shape }) => {
    if (transforms.length > 0) return { reason: "its inputs are transformed, which a GGUF file cannot say" };
    if (!fillsRows(type, shape.at(-1)!)) return undefined;
    const packed = block.pack?.(terms) ?? { reason: `${type} is only read` };
    return "reason" in packed ? packed : undefined;
  };
}
