import { html, nothing, render, type TemplateResult } from "lit";
import type { HostEvent, PagePlace, ReplyEnvelope, RequestFailure } from "../../protocol/envelope.js";
import type { InitialState } from "../../protocol/initial-state.js";
import type { ModelOverview, OpenModel } from "../../protocol/overview-messages.js";
import { type Ask, createRpcClient } from "../../protocol/rpc-client.js";
import type { AppearanceSettings } from "../../protocol/settings.js";
import { failureOf, failureView } from "../failure-view.js";
import { createStateKeeper, readKeptState, type WebviewApi } from "../kept-state.js";
import { brokenModelView } from "../overview/broken-model-view.js";
import type { Page, PageContext, PageName } from "../page.js";
import { nextPlace } from "../place.js";
import { t } from "../texts.js";
import { readTheme, type Theme, watchTheme } from "../theme.js";
import { visibleText } from "../visible-text.js";
import { PAGES } from "./page-table.js";
import { type TabItem, tabBar } from "./tab-bar.js";

const START: PagePlace = { page: "overview" };

export interface Shell {
  /** A message from the host. */
  receive(message: ReplyEnvelope | HostEvent): void;
  dispose(): void;
}

function tabItems(): readonly TabItem[] {
  return [
    { page: "overview", label: t("Overview") },
    { page: "layers", label: t("Layers") },
    { page: "tensor", label: t("Tensor") },
    { page: "compare", label: t("Compare") },
    { page: "try", label: t("Try") },
    { page: "quantize", label: t("Quantize") },
  ];
}

/**
 * Everything around the pages: asks for the overview, shows it or why there is none, restores where the user was, and
 * mounts one page at a time. All that a page shows it can show again: hidden tabs are thrown away by the editor.
 */
export function startShell(body: HTMLElement, api: WebviewApi, initial: InitialState): Shell {
  const rpc = createRpcClient((envelope) => api.postMessage(envelope));
  const restored = readKeptState(api.getState());
  const keeper = createStateKeeper(api, {
    place: initial.place ?? restored?.place ?? START,
    pages: restored?.pages ?? {},
  });
  const root = body.appendChild(document.createElement("div"));
  root.className = "app";
  root.dataset["testid"] = "app";
  const announcer = body.appendChild(document.createElement("div"));
  announcer.className = "visually-hidden";
  announcer.dataset["testid"] = "announcer";
  announcer.setAttribute("role", "status");

  let settings: AppearanceSettings = initial.settings;
  let theme: Theme = readTheme(body);
  let opened: ModelOverview | undefined;
  let mounted: { readonly name: PageName; readonly page: Page; readonly container: HTMLElement } | undefined;
  let opening: AbortController | undefined;

  const request: Ask = rpc.request;

  function announce(text: string): void {
    // The same text twice is only read again when it was gone in between.
    announcer.textContent = "";
    setTimeout(() => {
      announcer.textContent = text;
    }, 50);
  }

  async function open(): Promise<void> {
    opening?.abort();
    opening = new AbortController();
    const { signal } = opening;
    if (opened === undefined) showFrame("loading", html`<p class="opening">${t("Opening the model…")}</p>`);
    try {
      const overview = await request("model/overview", {}, { signal });
      opened = overview;
      leavePage();
      if (overview.state === "open") showPage(overview, keeper.state.place, false);
      else
        showFrame(
          "broken",
          brokenModelView(overview, () => void open()),
        );
    } catch (error) {
      if (signal.aborted) return;
      opened = undefined;
      leavePage();
      showFailure(failureOf(error));
    }
  }

  function showFailure(failure: RequestFailure): void {
    showFrame(
      "failed",
      html`<h1>${t("The model could not be opened")}</h1>
        ${failureView(failure, () => void open())}`,
    );
  }

  function showFrame(state: "loading" | "failed" | "broken", content: TemplateResult): void {
    root.dataset["state"] = state;
    root.setAttribute("aria-busy", state === "loading" ? "true" : "false");
    render(html`<main class="plain-frame">${content}</main>`, root);
  }

  function leavePage(): void {
    mounted?.page.dispose();
    mounted = undefined;
  }

  function showPage(model: OpenModel, place: PagePlace, movesFocus: boolean): void {
    keepPlace(place);
    root.dataset["state"] = "ready";
    root.setAttribute("aria-busy", "false");
    render(
      html`
        <header class="app-header">
          <h1 class="model-name">${visibleText(model.name, 120)}</h1>
          ${tabBar(tabItems(), place.page, (page) => goTo(nextPlace(keeper.state.place, { ...keeper.state.place, page })))}
        </header>
        <main class="app-main">
          <div class="app-panel" id="panel" role="tabpanel" aria-labelledby="tab-${place.page}"></div>
        </main>
      `,
      root,
    );
    if (mounted?.name === place.page) {
      mounted.page.update(place);
      return;
    }
    leavePage();
    const panel = root.querySelector("#panel") as HTMLElement;
    const container = document.createElement("div");
    container.className = `page page-${place.page}`;
    container.dataset["testid"] = `page-${place.page}`;
    container.tabIndex = -1;
    container.setAttribute("aria-busy", "false");
    panel.replaceChildren(container);
    try {
      mounted = {
        name: place.page,
        page: PAGES[place.page](container, place, contextFor(place.page, model)),
        container,
      };
    } catch (error) {
      render(failureView(failureOf(error)), container);
    }
    if (movesFocus && !container.contains(document.activeElement)) container.focus({ preventScroll: true });
  }

  function keepPlace(place: PagePlace): void {
    // A setting begins a page once; what the user makes of it is that page's kept state.
    const { setting: _begun, ...kept } = place;
    keeper.change({ ...keeper.state, place: kept });
  }

  function contextFor(name: PageName, model: OpenModel): PageContext {
    return {
      request,
      get settings() {
        return settings;
      },
      get theme() {
        return theme;
      },
      model,
      cannotQuantize: initial.cannotQuantize,
      get kept() {
        return keeper.state.pages[name];
      },
      keep(state) {
        keeper.change({ ...keeper.state, pages: { ...keeper.state.pages, [name]: state } });
      },
      navigate: (place) => goTo(nextPlace(keeper.state.place, place), true),
      announce,
    };
  }

  function goTo(place: PagePlace, movesFocus = false): void {
    if (opened?.state === "open") showPage(opened, place, movesFocus);
    else keepPlace(place);
  }

  const stopWatching = watchTheme(body, (next) => {
    theme = next;
    mounted?.page.themeChanged?.();
  });
  const flush = (): void => keeper.flush();
  const flushHidden = (): void => {
    if (document.visibilityState === "hidden") keeper.flush();
  };
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", flushHidden);
  void open();

  return {
    receive(message) {
      if (message.kind !== "event") rpc.receive(message);
      else if (message.event === "file-changed") {
        announce(t("The file changed on disk. Showing it anew."));
        void open();
      } else if (message.event === "settings-changed") {
        settings = message.settings;
        mounted?.page.settingsChanged?.();
      } else if (message.event === "show") goTo(nextPlace(keeper.state.place, message.place), true);
    },
    dispose() {
      opening?.abort();
      leavePage();
      stopWatching();
      removeEventListener("pagehide", flush);
      document.removeEventListener("visibilitychange", flushHidden);
      keeper.flush();
      render(nothing, root);
      root.remove();
      announcer.remove();
    },
  };
}
