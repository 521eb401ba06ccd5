import { paretoFront } from "./pareto-front.js";
import { type LabelPlace, placeLabels } from "./place-labels.js";

// A scatter plot of fifty points needs axes, circles and a search for places of labels. Chart libraries that draw without a
// browser weigh 50 MB and more and measure text no better than by character width; this is 150 lines without a dependency.

export type PointKind = "data-free" | "calibrated" | "mixed";

export interface QualityPoint {
  readonly name: string;
  readonly kind: PointKind;
  readonly bitsPerWeight: number;
  readonly perplexity: number;
}

const [WIDTH, HEIGHT] = [1000, 640];
const FRAME = { left: 116, top: 50, right: WIDTH - 16, bottom: HEIGHT - 52 };
const FONT = 11;
/** Mean width of a character of a system font, of its size; a little more, so that estimates are never too small. */
const CHARACTER = 0.58;

/** Shares by which the perplexity may grow: what lies beyond is drawn at the edge. */
const [LEAST_INCREASE, MOST_INCREASE] = [1e-4, 10];
const BITS_TICKS = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 16];
const INCREASE_TICKS = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

// Text and lines have colours for light and dark pages; the marks are readable on both.
const STYLE = `
    text { font: ${FONT}px system-ui, sans-serif; fill: #1f2328; paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
    .title { font-size: 15px; font-weight: 600 }
    .quiet { fill: #59636e }
    .grid { stroke: #d1d9e0; stroke-width: 1 }
    .leader { stroke: #818b98; stroke-width: .7 }
    .front { fill: none; stroke: #818b98; stroke-width: 1.5; stroke-dasharray: 5 3 }
    .data-free { fill: #4c8fe0 }
    .calibrated { fill: #d9822b }
    .mixed { fill: #2da44e }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; stroke: #0d1117 }
      .quiet { fill: #9198a1 }
      .grid { stroke: #30363d }
    }`;

const KINDS: Readonly<Record<PointKind, string>> = {
  "data-free": "weights alone",
  calibrated: "calibrated",
  mixed: "mixed by target",
};

/**
 * Perplexity against stored bits of the quantized weights, both axes logarithmic; the height shows by which share the
 * perplexity is above the original's. The dashed line is the Pareto front.
 */
export function qualityPicture(title: string, original: number, points: readonly QualityPoint[]): string {
  const x = bitsScale(points.map(({ bitsPerWeight }) => bitsPerWeight));
  const increases = points.map(({ perplexity }) => perplexity / original - 1);
  const y = increaseScale(increases);
  const drawn = points.map((point, index) => ({ point, x: x.at(point.bitsPerWeight), y: y.at(increases[index]!) }));
  // Screen coordinates grow downwards, so a lower perplexity is a larger y.
  const front = paretoFront(
    points.map(({ bitsPerWeight, perplexity }, index) => ({ x: bitsPerWeight, y: perplexity, index })),
  );
  const frontIndices = new Set(front.map(({ index }) => index));
  // The front's labels get the best places.
  const order = drawn.toSorted(
    (a, b) => Number(frontIndices.has(drawn.indexOf(b))) - Number(frontIndices.has(drawn.indexOf(a))) || b.y - a.y,
  );
  const places = placeLabels(
    order.map(({ point, x, y }) => ({ x, y, width: point.name.length * FONT * CHARACTER, height: FONT + 2 })),
    FRAME,
  );
  const unnamed = places.filter((place) => place === undefined).length;
  const frontLine = front.map(({ index }) => `${round(drawn[index]!.x)},${round(drawn[index]!.y)}`).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `  <title>${escaped(title)}: perplexity against stored bits per weight</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <text class="title" x="16" y="24">${escaped(title)}</text>`,
    legend(),
    ...x.ticks.map((bits) => verticalTick(x.at(bits), String(bits))),
    ...y.ticks.map((increase) => horizontalTick(y.at(increase), tickText(original, increase))),
    `  <text class="quiet" x="${FRAME.right}" y="${HEIGHT - 12}" text-anchor="end">stored bits per quantized weight${unnamed > 0 ? `; ${unnamed} crowded ${unnamed === 1 ? "point has" : "points have"} no name` : ""}</text>`,
    `  <text class="quiet" x="16" y="${HEIGHT - 12}">perplexity, and how much above the original's ${digits(original)}</text>`,
    `  <polyline class="front" points="${frontLine}"/>`,
    ...order.flatMap(({ x, y, point }, index) => leader(x, y, point, places[index])),
    ...drawn.map(({ point, x, y }) => mark(point.kind, x, y)),
    ...order.flatMap(({ point }, index) => label(point, places[index])),
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

function logScale(low: number, high: number, from: number, to: number, ticks: readonly number[]): Scale {
  const share = (value: number): number => Math.log(value / low) / Math.log(high / low);
  return {
    ticks: ticks.filter((tick) => tick >= low && tick <= high),
    at: (value) => from + (to - from) * Math.min(1, Math.max(0, share(value))),
  };
}

function bitsScale(bits: readonly number[]): Scale {
  const [low, high] = [Math.min(...bits) * 0.94, Math.max(...bits) * 1.12];
  return logScale(low, high, FRAME.left, FRAME.right, BITS_TICKS);
}

function increaseScale(increases: readonly number[]): Scale {
  const inside = increases.filter((value) => value > LEAST_INCREASE && value < MOST_INCREASE);
  const low = Math.max(LEAST_INCREASE, Math.min(0.1, ...inside) / 1.6);
  const high = Math.min(MOST_INCREASE, Math.max(0.2, ...inside) * 1.6);
  const scale = logScale(low, high, FRAME.bottom, FRAME.top, INCREASE_TICKS);
  // A quantized model may be a little better than the original by chance: it lies at the lower edge.
  return { ...scale, at: (value) => scale.at(Number.isNaN(value) ? high : Math.max(value, low)) };
}

function tickText(original: number, increase: number): string {
  const share = increase < 1 ? `+${Number((increase * 100).toPrecision(1))} %` : `× ${increase + 1}`;
  return `${digits(original * (1 + increase))}  ${share}`;
}

function verticalTick(x: number, text: string): string {
  const at = round(x);
  return `  <line class="grid" x1="${at}" x2="${at}" y1="${FRAME.top}" y2="${FRAME.bottom}"/><text class="quiet" x="${at}" y="${FRAME.bottom + 16}" text-anchor="middle">${text}</text>`;
}

function horizontalTick(y: number, text: string): string {
  const at = round(y);
  return `  <line class="grid" x1="${FRAME.left}" x2="${FRAME.right}" y1="${at}" y2="${at}"/><text class="quiet" x="${FRAME.left - 8}" y="${at + 4}" text-anchor="end" xml:space="preserve">${text}</text>`;
}

function legend(): string {
  let left = 320;
  const entries = Object.entries(KINDS).map(([kind, text]) => {
    const entry = `${mark(kind as PointKind, left, 20)}<text x="${left + 10}" y="24">${text}</text>`;
    left += 34 + text.length * FONT * CHARACTER;
    return entry.trimStart();
  });
  return `  ${entries.join("")}<polyline class="front" points="${round(left)},20 ${round(left + 26)},20"/><text x="${round(left + 32)}" y="24">Pareto front</text>`;
}

function mark(kind: PointKind, x: number, y: number): string {
  const [cx, cy] = [round(x), round(y)];
  if (kind === "data-free") return `  <circle class="${kind}" cx="${cx}" cy="${cy}" r="4"/>`;
  if (kind === "calibrated")
    return `  <rect class="${kind}" x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"/>`;
  return `  <path class="${kind}" d="M${cx} ${round(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/>`;
}

function labelWidth({ name }: QualityPoint): number {
  return name.length * FONT * CHARACTER;
}

function label(point: QualityPoint, place: LabelPlace | undefined): string[] {
  if (place === undefined) return [];
  const center = round(place.left + labelWidth(point) / 2);
  return [
    `  <text x="${center}" y="${round(place.top + FONT - 1)}" text-anchor="middle">${escaped(point.name)}</text>`,
  ];
}

/** A line to a label that is not right beside its point. */
function leader(x: number, y: number, point: QualityPoint, place: LabelPlace | undefined): string[] {
  if (place === undefined) return [];
  const nearX = Math.min(place.left + labelWidth(point), Math.max(place.left, x));
  const nearY = Math.min(place.top + FONT + 2, Math.max(place.top, y));
  if (Math.hypot(nearX - x, nearY - y) < 12) return [];
  return [`  <line class="leader" x1="${round(x)}" y1="${round(y)}" x2="${round(nearX)}" y2="${round(nearY)}"/>`];
}

function digits(perplexity: number): string {
  return perplexity >= 999.5 ? perplexity.toFixed(0) : perplexity.toPrecision(4);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
