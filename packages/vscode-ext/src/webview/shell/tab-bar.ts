import { html, nothing, type TemplateResult } from "lit";
import type { PageName } from "../page.js";
import { t } from "../texts.js";

export interface TabItem {
  readonly page: PageName;
  readonly label: string;
}

/** The tab that a key leads to, as in the ARIA practices for tabs: arrows go round, Home and End to the ends. */
export function tabAfterKey(key: string, index: number, count: number): number | undefined {
  if (key === "ArrowRight") return (index + 1) % count;
  if (key === "ArrowLeft") return (index + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}

/**
 * The tabs. Arrows move the focus, Enter or Space opens: opening a page can start work, so that it does not follow the
 * focus.
 */
export function tabBar(
  items: readonly TabItem[],
  selected: PageName,
  onSelect: (page: PageName) => void,
): TemplateResult {
  const onKey = (event: KeyboardEvent): void => {
    const tabs = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role="tab"]')];
    const index = tabs.indexOf(event.target as HTMLElement);
    const next = tabAfterKey(event.key, index, tabs.length);
    if (index < 0 || next === undefined) return;
    event.preventDefault();
    tabs[next]?.focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${t("Pages of the model")} @keydown=${onKey}>
      ${items.map(
        ({ page, label }) => html`
          <button
            type="button"
            role="tab"
            id="tab-${page}"
            data-testid="tab-${page}"
            aria-selected=${page === selected ? "true" : "false"}
            aria-controls=${page === selected ? "panel" : nothing}
            tabindex=${page === selected ? 0 : -1}
            @click=${() => onSelect(page)}
          >
            ${label}
          </button>
        `,
      )}
    </div>
  `;
}
