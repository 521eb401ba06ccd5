import { html, nothing, svg, type TemplateResult } from "lit";
import { formatBits, formatReal } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { axisTicks } from "./axis-ticks.js";

export interface ChartPoint {
  /** "A": stands at the point; the legend says what it is. */
  readonly letter: string;
  readonly label: string;
  readonly bits: number;
  readonly sqnrDb: number;
  /** True for the setting of the form: a filled point. */
  readonly isCurrent: boolean;
}

const WIDTH = 420;
const HEIGHT = 200;
const LEFT = 56;
const BOTTOM = 34;
const TOP = 12;
const RIGHT = 16;

/** Bits per weight against SQNR, a point for every setting; a list says the same in words. */
export function bitsChart(points: readonly ChartPoint[]): TemplateResult | typeof nothing {
  const shown = points.filter(({ bits, sqnrDb }) => Number.isFinite(bits) && Number.isFinite(sqnrDb));
  if (shown.length === 0) return nothing;
  const bits = axisTicks(shown.map((point) => point.bits));
  const decibels = axisTicks(shown.map((point) => point.sqnrDb));
  const x = (value: number): number => LEFT + ((value - bits.low) / (bits.high - bits.low)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((value - decibels.low) / (decibels.high - decibels.low)) * (HEIGHT - BOTTOM - TOP);
  const middle = (HEIGHT - BOTTOM + TOP) / 2;
  return html`
    <figure class="bits-chart" data-testid="try-chart">
      <figcaption id="bits-chart-caption">${t("SQNR against stored bits per weight")}</figcaption>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="bits-chart-caption">
        ${bits.ticks.map(
          (tick) => svg`<line class="chart-grid" x1=${x(tick)} x2=${x(tick)} y1=${TOP} y2=${HEIGHT - BOTTOM} />
            <text class="chart-tick" x=${x(tick)} y=${HEIGHT - BOTTOM + 14} text-anchor="middle">${formatBits(tick)}</text>`,
        )}
        ${decibels.ticks.map(
          (tick) => svg`<line class="chart-grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(tick)} y2=${y(tick)} />
            <text class="chart-tick" x=${LEFT - 5} y=${y(tick) + 4} text-anchor="end">${formatReal(tick)}</text>`,
        )}
        <text class="chart-axis" x=${(LEFT + WIDTH - RIGHT) / 2} y=${HEIGHT - 4} text-anchor="middle">
          ${t("stored bits per weight")}
        </text>
        <text class="chart-axis" x="12" y=${middle} text-anchor="middle" transform="rotate(-90 12 ${middle})">
          ${t("SQNR, dB")}
        </text>
        ${shown.map((point) => {
          const isRight = x(point.bits) > WIDTH - RIGHT - 24;
          return svg`<circle
              class=${point.isCurrent ? "chart-point current" : "chart-point"}
              cx=${x(point.bits)} cy=${y(point.sqnrDb)} r="5" />
            <text class="chart-letter" x=${x(point.bits) + (isRight ? -9 : 9)} y=${y(point.sqnrDb) - 5}
              text-anchor=${isRight ? "end" : "start"}>${point.letter}</text>`;
        })}
      </svg>
      <ul class="chart-legend">
        ${points.map(
          ({ letter, label, bits: stored, sqnrDb }) =>
            html`<li>
              <b>${letter}</b> ${visibleText(label, 120)}:
              ${t("{0} bits per weight, {1} dB", formatBits(stored), formatReal(sqnrDb))}
            </li>`,
        )}
      </ul>
    </figure>
  `;
}
