import { html, nothing, type TemplateResult } from "lit";
import type { TensorFacts } from "../../protocol/tensor-messages.js";
import { type Fact, factsList } from "../facts-list.js";
import { formatBits, formatBytes, formatCount, formatShape } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

/** Untrusted lists are cut at this many lines. */
const MOST_LINES = 200;

/** What the headers tell of a weight. */
export function tensorFactsTemplate(facts: TensorFacts): TemplateResult {
  const lines: Fact[] = [
    {
      name: t("Shape"),
      value: formatShape(facts.shape),
      ...(facts.shape.length < 2
        ? {}
        : { detail: t("{0} rows of {1} columns", formatCount(facts.rows), formatCount(facts.columns)) }),
    },
    { name: t("Storage"), value: visibleText(facts.storage) },
    { name: t("Parameters"), value: formatCount(facts.parameters) },
    { name: t("Size"), value: formatBytes(facts.bytes), detail: t("{0} bytes", formatCount(facts.bytes)) },
    {
      name: t("Bits per weight"),
      value: t("{0} stored", formatBits(facts.storedBitsPerWeight)),
      detail: t("{0} claimed by method or dtype", formatBits(facts.claimedBitsPerWeight)),
    },
  ];
  if (facts.groupSize !== undefined)
    lines.push({ name: t("Group"), value: t("{0} columns share a scale", formatCount(facts.groupSize)) });
  if (facts.terms.length > 0)
    lines.push({
      name: facts.terms.length === 1 ? t("Term") : t("Terms, added up"),
      value: facts.terms.slice(0, MOST_LINES).map((term) => visibleText(term, 500)),
    });
  return html`
    ${factsList(lines, { testId: "tensor-facts" })}
    ${
      facts.notes.length === 0
        ? nothing
        : html`<ul class="notes" data-testid="tensor-notes">
            ${facts.notes.slice(0, MOST_LINES).map((note) => html`<li>${visibleText(note, 500)}</li>`)}
          </ul>`
    }
    ${facts.parts.length === 0 ? nothing : partsTemplate(facts)}
  `;
}

function partsTemplate({ parts }: TensorFacts): TemplateResult {
  const more = parts.length - MOST_LINES;
  return html`
    <details class="tensor-parts" ?open=${parts.length > 1 && parts.length <= 6}>
      <summary>${parts.length === 1 ? t("Stored in 1 tensor") : t("Stored in {0} tensors", formatCount(parts.length))}</summary>
      <div class="scroller">
        <table class="figures" data-testid="tensor-parts">
          <thead>
            <tr>
              <th scope="col">${t("Tensor")}</th>
              <th scope="col">${t("Dtype")}</th>
              <th scope="col">${t("Shape")}</th>
              <th scope="col" class="number">${t("Bytes")}</th>
              <th scope="col">${t("File")}</th>
              <th scope="col" class="number">${t("At byte")}</th>
            </tr>
          </thead>
          <tbody>
            ${parts.slice(0, MOST_LINES).map(
              ({ name, dtype, shape, bytes, shard, byteOffset }) => html`
                <tr>
                  <td class="part-name">${visibleText(name)}</td>
                  <td>${visibleText(dtype)}</td>
                  <td class="figure">${formatShape(shape)}</td>
                  <td class="number">${formatCount(bytes)}</td>
                  <td class="part-name">${visibleText(shard)}</td>
                  <td class="number">${formatCount(byteOffset)}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
      ${more > 0 ? html`<p class="muted">${t("{0} more", formatCount(more))}</p>` : nothing}
    </details>
  `;
}
