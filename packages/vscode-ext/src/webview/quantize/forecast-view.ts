import { html, nothing, type TemplateResult } from "lit";
import type { QuantizeForecast } from "../../protocol/quantize-messages.js";
import { type Fact, factsList } from "../facts-list.js";
import { formatBits, formatBytes, formatCount } from "../format-figures.js";
import type { PageContext } from "../page.js";
import { terminalLine } from "../terminal-line.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

export interface ForecastOptions {
  readonly context: Pick<PageContext, "request" | "announce">;
  /** Lines of the table of tensors; a button shows the others. */
  readonly shownTensors: number;
  onMore(): void;
}

/** The dry run: totals, files, what happens to every tensor and why, the command. */
export function forecastView(
  forecast: QuantizeForecast,
  { context, shownTensors, onMore }: ForecastOptions,
): TemplateResult {
  const { tensors, files } = forecast;
  const all = forecast.quantizedTensors + forecast.keptTensors;
  return html`
    <div class="forecast" data-testid="quantize-forecast">
      ${factsList(forecastFacts(forecast))}
      <div data-testid="quantize-command">${terminalLine(forecast.command, context)}</div>
      <details>
        <summary>${t("Files to write ({0})", formatCount(files.length))}</summary>
        <div class="table-scroll" tabindex="0" role="region" aria-label=${t("Files to write")}>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">${t("File")}</th>
                <th scope="col" class="number">${t("Size")}</th>
              </tr>
            </thead>
            <tbody>
              ${files.map(
                ({ name, byteLength }) =>
                  html`<tr>
                    <td>${visibleText(name)}</td>
                    <td class="number">${formatBytes(byteLength)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
      <details open>
        <summary>
          ${tensors.length < all ? t("Tensors (the first {0} of {1})", formatCount(tensors.length), formatCount(all)) : t("Tensors ({0})", formatCount(all))}
        </summary>
        <div class="table-scroll" tabindex="0" role="region" aria-label=${t("Tensors of the plan")}>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">${t("Tensor")}</th>
                <th scope="col">${t("What happens")}</th>
                <th scope="col">${t("Why")}</th>
                <th scope="col" class="number">${t("Size before")}</th>
                <th scope="col" class="number">${t("Size after")}</th>
              </tr>
            </thead>
            <tbody>
              ${tensors.slice(0, shownTensors).map(
                ({ name, action, reason, inputBytes: before, outputBytes: after }) =>
                  html`<tr>
                    <th scope="row">${visibleText(name)}</th>
                    <td>${action === "quantize" ? t("quantized") : t("kept")}</td>
                    <td>${visibleText(reason)}</td>
                    <td class="number">${formatBytes(before)}</td>
                    <td class="number">${formatBytes(after)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
        ${
          tensors.length > shownTensors
            ? html`<button type="button" class="secondary" @click=${onMore}>
                ${t("Show {0} more", formatCount(tensors.length - shownTensors))}
              </button>`
            : nothing
        }
      </details>
    </div>
  `;
}

function forecastFacts(forecast: QuantizeForecast): readonly Fact[] {
  const { inputBytes, outputBytes } = forecast;
  return [
    {
      name: t("Size"),
      value: `${formatBytes(inputBytes)} → ${formatBytes(outputBytes)}`,
      ...(inputBytes > 0 ? { detail: share(outputBytes, inputBytes) } : {}),
    },
    { name: t("Bits per weight, whole model"), value: formatBits(forecast.bitsPerWeight) },
    {
      name: t("Bits per weight, quantized tensors"),
      value: formatBits(forecast.quantizedBitsPerWeight),
      detail: t("claimed by the method: {0}", formatBits(forecast.claimedBitsPerWeight)),
    },
    {
      name: t("Tensors"),
      value: t("{0} quantized, {1} kept", formatCount(forecast.quantizedTensors), formatCount(forecast.keptTensors)),
    },
    { name: t("Time, about"), value: duration(forecast.seconds), detail: t("{0} threads", forecast.threads) },
    { name: t("Memory, at most"), value: formatBytes(forecast.peakMemoryBytes) },
  ];
}

function share(after: number, before: number): string {
  return t("{0}% of it", Number(((100 * after) / before).toPrecision(3)));
}

/** Seconds in words: an estimate needs no more than two units. */
export function duration(seconds: number): string {
  if (seconds < 1) return t("under a second");
  if (seconds < 60) return t("{0} s", Math.round(seconds));
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? t("{0} min", minutes) : t("{0} h {1} min", Math.floor(minutes / 60), minutes % 60);
}
