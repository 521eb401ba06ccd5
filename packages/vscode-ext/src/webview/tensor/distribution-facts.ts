import { html, nothing, type TemplateResult } from "lit";
import type { Distribution } from "../../protocol/tensor-messages.js";
import { type Fact, factsList } from "../facts-list.js";
import { formatCount, formatReal, formatShare } from "../format-figures.js";
import { t } from "../texts.js";

/** The figures of a distribution; what is wrong comes first and as words. */
export function distributionTemplate(found: Distribution): TemplateResult {
  const finite = found.count - found.nanCount - found.infiniteCount;
  const lines: readonly Fact[] = [
    { name: t("Range"), value: t("{0} to {1}", formatReal(found.minimum), formatReal(found.maximum)) },
    { name: t("Mean"), value: formatReal(found.mean) },
    { name: t("Standard deviation σ"), value: formatReal(found.std) },
    { name: t("RMS"), value: formatReal(found.rms) },
    { name: t("Skewness"), value: formatReal(found.skewness) },
    { name: t("Kurtosis (normal: 3)"), value: formatReal(found.kurtosis) },
    { name: t("Zeros"), value: countAndShare(found.zeroCount, finite) },
    {
      name: t("Outliers"),
      value: t("{0} beyond {1}", countAndShare(found.outlierCount, finite), formatReal(found.outlierThreshold)),
    },
  ];
  return html`
    ${
      found.nanCount + found.infiniteCount === 0
        ? nothing
        : html`<p class="warning" role="note" data-testid="non-finite">${t(
            "Not finite: {0} NaN, {1} infinite. All figures and pictures are of the other {2} weights.",
            formatCount(found.nanCount),
            formatCount(found.infiniteCount),
            formatCount(finite),
          )}</p>`
    }
    ${factsList(lines, { testId: "distribution", isNarrow: true })}
    ${
      found.quantiles.length === 0
        ? nothing
        : html`<details>
            <summary>${t("Quantiles")}</summary>
            <table class="figures" data-testid="quantiles">
              <thead>
                <tr>
                  <th scope="col" class="number">${t("Share")}</th>
                  <th scope="col" class="number">w</th>
                  <th scope="col" class="number">|w|</th>
                </tr>
              </thead>
              <tbody>
                ${found.quantiles.map(
                  ({ share, value, magnitude }) => html`<tr>
                    <td class="number">${formatReal(share)}</td>
                    <td class="number">${formatReal(value)}</td>
                    <td class="number">${formatReal(magnitude)}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </details>`
    }
  `;
}

function countAndShare(count: number, of: number): string {
  return count === 0 ? "0" : `${formatCount(count)} (${formatShare(of > 0 ? count / of : 0)})`;
}
