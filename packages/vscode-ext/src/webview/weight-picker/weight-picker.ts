import { html, nothing, render, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { LayerLine, LayerQuery } from "../../protocol/layer-messages.js";
import type { Ask } from "../../protocol/rpc-client.js";
import { failureOf, isCancelled } from "../failure-view.js";
import { formatCount, formatShape } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import "./weight-picker.css";

export interface WeightPickerOptions {
  readonly request: Ask;
  readonly label: string;
  /** Id of the field, for tests and as the begin of the ids inside. */
  readonly testId: string;
  onPick(name: string): void;
}

export interface WeightPicker {
  /** The weight that is open; absent: none yet. */
  update(weight: string | undefined): void;
  focus(): void;
  dispose(): void;
}

/** Names that are offered at once; more letters bring others. */
const MOST_OFFERED = 30;
const DELAY_MILLISECONDS = 120;

/**
 * A field in which a weight is found by parts of its name: a combobox with a list, as in the ARIA practices. Arrows walk
 * the list, Enter picks, Escape brings the open weight's name back.
 */
export function createWeightPicker(container: HTMLElement, options: WeightPickerOptions): WeightPicker {
  const { request, label, testId, onPick } = options;
  let weight: string | undefined;
  let text = "";
  let isOpen = false;
  let offered: readonly LayerLine[] = [];
  let total = 0;
  let active = -1;
  let failure: RequestFailure | undefined;
  let pressed: { readonly name: string | undefined; readonly offered: readonly LayerLine[] } | undefined;
  let asking: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    // The open weight's own name is no search: it offers all.
    const filter = text === weight ? "" : text.trim();
    const query: LayerQuery = { sort: "name", descending: false, filter, tree: false, foldEqual: false, unfolded: [] };
    try {
      const { rows, weights } = await request("layers/window", { ...query, begin: 0, end: MOST_OFFERED }, { signal });
      if (signal.aborted) return;
      offered = rows.filter(({ kind, name }) => kind === "weight" && name !== undefined);
      total = weights;
      active = offered.length > 0 && filter !== "" ? 0 : -1;
      failure = undefined;
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      offered = [];
      failure = failureOf(error);
    }
    draw();
  }

  function open(): void {
    isOpen = true;
    draw();
    void ask();
  }

  function close(): void {
    clearTimeout(timer);
    asking?.abort();
    isOpen = false;
    active = -1;
    text = weight ?? "";
    draw();
  }

  function pick(name: string): void {
    weight = name;
    close();
    onPick(name);
  }

  function onPress(event: Event): void {
    // The field keeps the focus.
    event.preventDefault();
    pressed = { name: offeredName(event), offered };
  }

  /** Where other names were offered while the button was down, what was pressed counts, not what is there now. */
  function onClick(event: MouseEvent): void {
    const isReplaced = event.detail > 0 && pressed !== undefined && pressed.offered !== offered;
    const name = isReplaced ? pressed?.name : offeredName(event);
    if (name !== undefined) pick(name);
  }

  function onInput(event: Event): void {
    text = (event.target as HTMLInputElement).value;
    isOpen = true;
    // What is offered is for the text before: Enter must not pick of it.
    active = -1;
    asking?.abort();
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), DELAY_MILLISECONDS);
    draw();
  }

  function onKey(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (!isOpen) {
        open();
        return;
      }
      const count = offered.length;
      active = count === 0 ? -1 : active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count;
      draw();
      container.querySelector(`#${testId}-option-${active}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      const name = offered[active]?.name ?? offered.find((line) => line.name === text)?.name;
      if (isOpen && name !== undefined) {
        event.preventDefault();
        pick(name);
      }
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    }
  }

  function list(): TemplateResult {
    return html`<ul
      class="weight-offers"
      role="listbox"
      id="${testId}-list"
      aria-label=${label}
      @mousedown=${onPress}
      @click=${onClick}
    >
      ${repeat(
        offered,
        // An element is never another name's: what was found by its name stays it, or is gone.
        ({ name }) => name,
        ({ name = "", storage, shape }, index) => html`<li
          role="option"
          id="${testId}-option-${index}"
          data-name=${name}
          aria-selected=${index === active ? "true" : "false"}
        >
          <span>${visibleText(name)}</span>
          <span class="muted">${formatShape(shape)} ${visibleText(storage, 60)}</span>
        </li>`,
      )}
    </ul>`;
  }

  function draw(): void {
    const more = total - offered.length;
    const state =
      failure !== undefined
        ? visibleText(failure.message)
        : offered.length === 0
          ? t("No weight has such a name.")
          : more > 0
            ? t("{0} more; enter more of the name.", formatCount(more))
            : "";
    render(
      html`<div class="weight-picker">
        <label for=${testId}>${label}</label>
        <input
          type="text"
          id=${testId}
          data-testid=${testId}
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          placeholder=${t("part of a name, or a pattern with *")}
          aria-autocomplete="list"
          aria-expanded=${isOpen && offered.length > 0 ? "true" : "false"}
          aria-controls=${isOpen && offered.length > 0 ? `${testId}-list` : nothing}
          aria-activedescendant=${isOpen && active >= 0 ? `${testId}-option-${active}` : nothing}
          .value=${live(text)}
          @click=${() => (isOpen ? undefined : open())}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
          @input=${onInput}
          @keydown=${onKey}
          @blur=${close}
        />
        ${
          isOpen
            ? html`<div class="weight-popup">
                ${offered.length > 0 ? list() : nothing}
                ${state === "" ? nothing : html`<p class="muted" role="status">${state}</p>`}
              </div>`
            : nothing
        }
      </div>`,
      container,
    );
  }

  draw();
  return {
    update(next) {
      weight = next;
      text = next ?? "";
      draw();
    },
    focus: () => container.querySelector("input")?.focus(),
    dispose() {
      clearTimeout(timer);
      asking?.abort();
      render(nothing, container);
    },
  };
}

function offeredName({ target }: Event): string | undefined {
  return (target as Element).closest<HTMLElement>('[role="option"]')?.dataset["name"];
}
