import type { TreeWeight } from "@lowbit/core/analysis";
import { DTYPES } from "@lowbit/core/dtype";
import { describeStorage, type LogicalWeight, type StoredQuantizedWeight } from "@lowbit/core/layouts";
import { CALIBRATED_QUANTIZERS, type Method, methodNamed, QUANTIZERS, resolveOptions } from "@lowbit/core/quantizers";
import { matrixShape } from "@lowbit/core/tensor";

/** One weight of the table. */
export interface LayerRow extends TreeWeight {
  /** Place in the order of the checkpoint. */
  readonly index: number;
  readonly weight: LogicalWeight;
  /** Bits per weight by the paper's own rule; the stored ones where nothing says more. */
  readonly claimedBitsPerWeight: number;
}

const METHODS: Readonly<Record<string, Method>> = { ...QUANTIZERS, ...CALIBRATED_QUANTIZERS };

/** The rows of a model. Equal texts and figures are made once: a model repeats few forms many times. */
export function layerRows(weights: readonly LogicalWeight[]): LayerRow[] {
  const storages = new Map<string, string>();
  const claims = new Map<string, number | undefined>();
  return weights.map((weight, index) => {
    const parameters = weight.shape.reduce((product, size) => product * size, 1);
    const stored = parameters === 0 ? 0 : (weight.byteLength * 8) / parameters;
    return {
      index,
      weight,
      name: weight.name,
      storage: weight.kind === "plain" ? shared(storages, weight) : describeStorage(weight),
      shape: weight.shape,
      parameters,
      bytes: weight.byteLength,
      claimedBitsPerWeight: weight.kind === "plain" ? DTYPES[weight.dtype].bits : (claimed(weight, claims) ?? stored),
    };
  });
}

function shared(storages: Map<string, string>, weight: LogicalWeight): string {
  const known = storages.get(weight.dtype);
  if (known !== undefined) return known;
  const storage = describeStorage(weight);
  storages.set(weight.dtype, storage);
  return storage;
}

/** What the method says of itself; undefined for methods and options that this version does not know. */
function claimed(weight: StoredQuantizedWeight, known: Map<string, number | undefined>): number | undefined {
  const { provenance, shape } = weight;
  if (provenance === undefined || shape.length === 0) return undefined;
  const key = JSON.stringify([provenance.method, provenance.options, shape]);
  if (!known.has(key)) known.set(key, claimOf(provenance, shape));
  return known.get(key);
}

function claimOf(
  { method, options }: NonNullable<StoredQuantizedWeight["provenance"]>,
  shape: readonly number[],
): number | undefined {
  try {
    const quantizer = methodNamed(method, METHODS);
    return quantizer.claimedBitsPerWeight(matrixShape(shape), resolveOptions(quantizer, options));
  } catch {
    // A file states method and options as free text; those that are not ours claim nothing.
    return undefined;
  }
}
