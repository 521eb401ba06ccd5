import { mapBounded } from "../bytes/bounded-reads.js";
import type { ByteSource } from "../bytes/byte-source.js";
import type { Dtype } from "../dtype/dtype-table.js";
import type { Header } from "./header.js";

/** Which tensors are read on opening. */
interface DescriptionKind {
  readonly ending: RegExp;
  readonly dtypes?: readonly Dtype[];
  /** A longer tensor is not what its name says; it stays unread. Default 4096. */
  readonly mostBytes?: number;
  /** Read no more than so many bytes from the start of the tensor, however long it is. */
  readonly firstBytes?: number;
}

/**
 * Endings of the tensors that state how the tensors beside them are to be read: the original shape of compressed-tensors,
 * the JSON of bitsandbytes, the groups of GPTQ's columns and a sample of its zeros, the settings of HQQ. Without their
 * bytes a layout cannot tell what a weight is.
 */
const DESCRIPTIONS: readonly DescriptionKind[] = [
  { ending: /\.weight_shape$/, dtypes: ["I64", "I32"] },
  { ending: /\.quant_state\.bitsandbytes__\w+$/, dtypes: ["U8"] },
  { ending: /\.g_idx$/, dtypes: ["I32"], mostBytes: 2 ** 22 },
  { ending: /\.qzeros$/, dtypes: ["I32"], firstBytes: 4096 },
  {
    ending:
      /\.(nbits|group_size|shape|axis|packing|view_as_float|unpack_view_dtype|compute_dtype|channel_wise|round_zero|optimize|quant_scale|quant_zero|stores_quant_config|encoded_state_dict|offload_meta)$/,
  },
];

/** Endings of nearly all tensors, tried first: five expressions for each of 500 000 names take long. */
const NEVER_DESCRIBE = [".weight", ".bias", ".weight_packed", ".weight_scale", ".qweight", ".scales"] as const;

const MOST_BYTES = 4096;

/** Reads at once; more gains nothing on a disk and annoys a server. */
const READS_AT_ONCE = 8;

/** Bytes of the description tensors of opened files, by name. */
export async function readDescriptions(
  opened: readonly { readonly source: ByteSource; readonly header: Header }[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  const wanted: { name: string; source: ByteSource; begin: number; length: number }[] = [];
  for (const { source, header } of opened) {
    for (const { name, dtype, begin, end } of header.entries) {
      const length = describedBytes(name, dtype, end - begin);
      if (length !== undefined) wanted.push({ name, source, begin: header.dataStart + begin, length });
    }
  }
  const read = await mapBounded(wanted, READS_AT_ONCE, async ({ name, source, begin, length }) => {
    const bytes = new Uint8Array(length);
    if (length > 0) await source.read(begin, bytes, options);
    return [name, bytes] as const;
  });
  return new Map(read);
}

/** How many bytes of a tensor are read; undefined: none. */
function describedBytes(name: string, dtype: Dtype, byteLength: number): number | undefined {
  if (NEVER_DESCRIBE.some((ending) => name.endsWith(ending))) return undefined;
  const kind = DESCRIPTIONS.find(({ ending, dtypes }) => (dtypes?.includes(dtype) ?? true) && ending.test(name));
  if (kind === undefined) return undefined;
  if (kind.firstBytes !== undefined) return Math.min(kind.firstBytes, byteLength);
  return byteLength <= (kind.mostBytes ?? MOST_BYTES) ? byteLength : undefined;
}
