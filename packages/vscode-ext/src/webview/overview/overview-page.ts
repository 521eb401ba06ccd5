import "./overview.css";
import { html, nothing, render, type TemplateResult } from "lit";
import type { OpenModel, SideFile } from "../../protocol/overview-messages.js";
import { factsList } from "../facts-list.js";
import { formatBytes, formatCount, formatLarge, formatShare } from "../format-figures.js";
import type { MountPage, PageContext } from "../page.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { overviewFacts } from "./overview-facts.js";
import { SkylineView } from "./skyline-view.js";
import { type StorageLook, storageLooks } from "./storage-colors.js";

/** The first page: what the headers tell of the model, and its skyline. Needs no request. */
export const mountOverviewPage: MountPage = (container, _place, context) => {
  const { model } = context;
  const draw = (): void => {
    render(pageTemplate(model, context), container);
    paintSwatches(container, storageLooks(model, context.theme));
  };
  draw();
  const skyline = new SkylineView(container.querySelector(".skyline") as HTMLElement, model, context);
  const { scrollTop } = (context.kept ?? {}) as { scrollTop?: unknown };
  if (typeof scrollTop === "number") container.scrollTop = scrollTop;
  const onScroll = (): void => context.keep({ scrollTop: container.scrollTop });
  container.addEventListener("scroll", onScroll, { passive: true });
  return {
    update() {},
    themeChanged() {
      draw();
      skyline.draw();
    },
    dispose() {
      container.removeEventListener("scroll", onScroll);
      skyline.dispose();
    },
  };
};

function pageTemplate(model: OpenModel, context: PageContext): TemplateResult {
  return html`
    <h2 class="visually-hidden">${t("Facts")}</h2>
    ${factsList(overviewFacts(model), { testId: "overview-facts" })}
    ${
      model.original === undefined
        ? nothing
        : html`<p>
            <button
              type="button"
              class="secondary"
              data-testid="open-original"
              @click=${() => context.navigate({ page: "compare", compareWith: model.original! })}
            >
              ${t("Compare with the original")}
            </button>
            <span class="muted">${visibleText(model.original)}</span>
          </p>`
    }
    <h2>${t("Skyline: stored bits per weight, block by block")}</h2>
    <div class="skyline" data-testid="skyline"></div>
    <h2>${t("Storage")}</h2>
    ${storageTable(model)}
    ${
      model.notes.length === 0
        ? nothing
        : html`<h2>${t("Notes")}</h2>
            <ul class="notes" data-testid="notes">
              ${model.notes.map(
                ({ text, weights }) =>
                  html`<li>${visibleText(text, 500)} <span class="muted">${countWeights(weights)}</span></li>`,
              )}
            </ul>`
    }
    ${model.metadata.length === 0 ? nothing : metadataTable(model)}
    ${model.shards.length > 1 ? fileList(t("Files of weights"), model.shards, "shards") : nothing}
    ${model.sideFiles.length === 0 ? nothing : fileList(t("Files beside"), model.sideFiles, "side-files")}
  `;
}

function countWeights(weights: number): string {
  return weights === 1 ? t("1 weight") : t("{0} weights", formatCount(weights));
}

function storageTable(model: OpenModel): TemplateResult {
  const bytes = model.storages.reduce((sum, share) => sum + share.bytes, 0);
  return html`
    <div class="scroller">
      <table class="figures" data-testid="storages">
        <thead>
          <tr>
            <th scope="col">${t("Dtype or method")}</th>
            <th scope="col" class="number">${t("Weights")}</th>
            <th scope="col" class="number">${t("Parameters")}</th>
            <th scope="col" class="number">${t("Size")}</th>
            <th scope="col" class="number">${t("Share of bytes")}</th>
            <th scope="col" class="number">${t("Bits per weight")}</th>
          </tr>
        </thead>
        <tbody>
          ${model.storages.map(
            (share) => html`<tr>
              <th scope="row">
                <span class="swatch" data-storage=${share.storage} aria-hidden="true"></span>
                ${visibleText(share.storage, 120)}
              </th>
              <td class="number">${formatCount(share.count)}</td>
              <td class="number" title=${formatCount(share.parameters)}>${formatLarge(share.parameters)}</td>
              <td class="number" title=${formatCount(share.bytes)}>${formatBytes(share.bytes)}</td>
              <td class="number">${formatShare(bytes === 0 ? 0 : share.bytes / bytes)}</td>
              <td class="number">
                ${share.parameters === 0 ? "–" : String(Number(((share.bytes * 8) / share.parameters).toFixed(3)))}
              </td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function metadataTable(model: OpenModel): TemplateResult {
  return html`
    <h2>${t("Metadata")}</h2>
    <div class="scroller">
      <table class="figures metadata" data-testid="metadata">
        <thead>
          <tr>
            <th scope="col">${t("Key")}</th>
            <th scope="col">${t("Value")}</th>
          </tr>
        </thead>
        <tbody>
          ${model.metadata.map(
            ({ key, value }) => html`<tr>
              <th scope="row"><code>${visibleText(key, 120)}</code></th>
              <td><code>${visibleText(value, 600)}</code></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function fileList(title: string, files: readonly SideFile[], testId: string): TemplateResult {
  const bytes = files.reduce((sum, file) => sum + file.byteLength, 0);
  return html`
    <details class="files" data-testid=${testId} ?open=${files.length <= 12}>
      <summary><h2>${title}</h2> <span class="muted">${formatCount(files.length)}, ${formatBytes(bytes)}</span></summary>
      <div class="scroller">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">${t("File")}</th>
              <th scope="col" class="number">${t("Size")}</th>
            </tr>
          </thead>
          <tbody>
            ${files.slice(0, 1000).map(
              (file) => html`<tr>
                <th scope="row">${visibleText(file.name, 200)}</th>
                <td class="number">${formatBytes(file.byteLength)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  `;
}

/** The legend: through the object model, for the content security policy allows no style in markup. */
function paintSwatches(container: HTMLElement, looks: ReadonlyMap<string, StorageLook>): void {
  for (const swatch of container.querySelectorAll<HTMLElement>(".swatch")) {
    const look = looks.get(swatch.dataset["storage"] ?? "");
    if (look === undefined) continue;
    swatch.style.backgroundColor = look.color;
    swatch.classList.toggle("striped", look.isStriped);
  }
}
