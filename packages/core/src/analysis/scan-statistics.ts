import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import type { CheckpointTensor, TensorReader } from "../safetensors/checkpoint.js";
import { createFloatSums, SUM_ROW_ELEMENTS } from "./float-sums.js";
import { type ElementSpan, readByteBlocks, readFloatBlocks } from "./read-blocks.js";
import { blockByteLength, type ScanContext } from "./scan-context.js";
import { requireScanMethod, SEGMENT_ELEMENTS, type StatisticsPartial } from "./statistics-partial.js";

const WORDS = 65536;
/** Counters of a span are u32. */
const MAX_SPAN_ELEMENTS = 2 ** 31;

/**
 * Scans one span of a tensor, reading every byte once.
 * @throws `analysis/unsupported-dtype`, `analysis/aborted`, `analysis/invalid-option` for a span that `statisticsSpans`
 * would not make.
 */
export async function scanStatistics(
  checkpoint: TensorReader,
  tensor: CheckpointTensor,
  span: ElementSpan,
  context: ScanContext,
): Promise<StatisticsPartial> {
  const method = requireScanMethod(tensor);
  checkSpan(tensor, span);
  const { backend } = context;
  const counters = backend.allocate(WORDS * 4);
  const counts = (): Uint32Array => {
    const bytes = counters.bytes();
    return new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS);
  };
  counts().fill(0);
  const found = { tensor: tensor.name, begin: span.begin, end: span.end };
  try {
    if (method === "words" || method === "bytes") {
      let oddByte: number | undefined;
      // Even blocks: only the last byte of the tensor can be without a partner.
      const blockBytes = blockByteLength(context) & ~1;
      await readByteBlocks(checkpoint, tensor, span, blockBytes, context, (bytes) => {
        backend.histogram16(bytes, counts());
        if (bytes.length % 2 === 1) oddByte = bytes.at(-1);
      });
      return { ...found, words: counts().slice(), ...(oddByte === undefined ? {} : { oddByte }) };
    }
    const floats = tensor as CheckpointTensor & { readonly dtype: FloatDtype };
    const sums = method === "sums" ? createFloatSums(backend) : undefined;
    await readFloatBlocks(checkpoint, floats, sumBlocks(tensor, span, context), context, (values) => {
      backend.histogramFloats(values, counts());
      sums?.add(values);
    });
    return { ...found, words: counts().slice(), ...(sums ? { sums: sums.finish() } : {}) };
  } finally {
    counters.release();
  }
}

function checkSpan(tensor: CheckpointTensor, { begin, end }: ElementSpan): void {
  const total = (tensor.byteLength * 8) / DTYPES[tensor.dtype].bits;
  const ends = end === total || end % SEGMENT_ELEMENTS === 0;
  if (
    begin < 0 ||
    begin % SEGMENT_ELEMENTS !== 0 ||
    end < begin ||
    end > total ||
    !ends ||
    end - begin > MAX_SPAN_ELEMENTS
  ) {
    throw new LowbitError(
      "analysis/invalid-option",
      `Span ${begin} … ${end} of "${tensor.name}" (${total} elements) is not allowed; begin and end must be multiples of ` +
        `${SEGMENT_ELEMENTS} or the end, at most ${MAX_SPAN_ELEMENTS} apart.`,
      { tensor: tensor.name, begin, end, elements: total },
    );
  }
}

function sumBlocks(
  tensor: CheckpointTensor,
  { begin, end }: ElementSpan,
  context: ScanContext,
): readonly ElementSpan[] {
  const fitting = Math.floor((blockByteLength(context) * 8) / DTYPES[tensor.dtype].bits / SUM_ROW_ELEMENTS);
  const step = Math.max(1, fitting) * SUM_ROW_ELEMENTS;
  const blocks: ElementSpan[] = [];
  for (let at = begin; at < end; at += step) blocks.push({ begin: at, end: Math.min(at + step, end) });
  return blocks;
}
