import type { SkylineColumn } from "../../protocol/overview-messages.js";

/** One storage's part of a column, in CSS pixels. */
export interface SkylineSegment {
  readonly storage: string;
  readonly y: number;
  readonly height: number;
}

export interface SkylineBar {
  readonly x: number;
  readonly width: number;
  /** Of the whole column. */
  readonly y: number;
  readonly height: number;
  readonly segments: readonly SkylineSegment[];
}

export interface SkylineLayout {
  readonly width: number;
  readonly height: number;
  readonly baseline: number;
  /** Left edge of the columns; labels of the ticks stand before it. */
  readonly left: number;
  readonly ticks: readonly { readonly bits: number; readonly y: number }[];
  readonly bars: readonly SkylineBar[];
}

const LEFT = 34;
const TOP = 12;
const BOTTOM = 6;
const NARROWEST = 4;
const WIDEST = 160;
/** Canvases have a largest width in every browser; so many columns would be less than a pixel apart anyway. */
const LARGEST_WIDTH = 16_000;

/**
 * Height is stored bits per weight from 0; segments share it by their bytes, most at the bottom. Columns fill the width
 * between 4 and 160 pixels each; more columns than fit make the picture wider than asked.
 */
export function layoutSkyline(columns: readonly SkylineColumn[], width: number, height: number): SkylineLayout {
  const count = Math.max(1, columns.length);
  const pitch = Math.min(WIDEST, Math.max((width - LEFT) / count, Math.min(NARROWEST, (LARGEST_WIDTH - LEFT) / count)));
  const gap = pitch >= 6 ? Math.min(4, pitch * 0.2) : pitch >= 3 ? 1 : 0;
  const highest = columns.reduce((most, { bitsPerWeight }) => Math.max(most, finite(bitsPerWeight)), 0);
  const top = topTick(highest);
  const baseline = height - BOTTOM;
  const scale = (baseline - TOP) / top;
  return {
    width: Math.max(Math.min(width, LEFT + pitch * count), Math.ceil(LEFT + pitch * count)),
    height,
    baseline,
    left: LEFT,
    ticks: [0, top / 4, top / 2, (top * 3) / 4, top].map((bits) => ({ bits, y: baseline - bits * scale })),
    bars: columns.map((column, index) => {
      const barHeight = finite(column.bitsPerWeight) * scale;
      return {
        x: LEFT + index * pitch + gap / 2,
        width: pitch - gap,
        y: baseline - barHeight,
        height: barHeight,
        segments: stack(column, baseline, barHeight),
      };
    }),
  };
}

function stack(column: SkylineColumn, baseline: number, barHeight: number): readonly SkylineSegment[] {
  const bytes = column.storages.reduce((sum, storage) => sum + storage.bytes, 0);
  let bottom = baseline;
  return column.storages.map((share) => {
    const height = bytes === 0 ? 0 : (barHeight * share.bytes) / bytes;
    bottom -= height;
    return { storage: share.storage, y: bottom, height };
  });
}

/** The next of 1, 2, 4, 8, 16, … at or above: bit widths are powers of two. */
function topTick(bits: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(bits, 1))));
}

function finite(bits: number): number {
  return Number.isFinite(bits) && bits > 0 ? bits : 0;
}
