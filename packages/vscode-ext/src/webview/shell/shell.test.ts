// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplyEnvelope, RequestEnvelope } from "../../protocol/envelope.js";
import type { InitialState } from "../../protocol/initial-state.js";
import type { ModelOverview } from "../../protocol/overview-messages.js";
import { openModel } from "../open-model.fixture.js";
import { type Shell, startShell } from "./shell.js";

const INITIAL: InitialState = { settings: { outlierRule: { kind: "sigma", factor: 6 }, mapColors: "theme" } };
const settle = (milliseconds = 60) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let shell: Shell | undefined;
let sent: RequestEnvelope[] = [];
let state: unknown;

beforeEach(() => {
  sent = [];
  state = undefined;
});
afterEach(() => {
  shell?.dispose();
  shell = undefined;
  document.body.replaceChildren();
});

function start(initial: InitialState = INITIAL): void {
  shell = startShell(
    document.body,
    {
      postMessage: (message) => sent.push(message as RequestEnvelope),
      getState: () => state,
      setState: (next) => {
        state = JSON.parse(JSON.stringify(next));
      },
    },
    initial,
  );
}

/** Answers the newest open request of that name. */
async function answer(
  name: string,
  reply: { result: unknown } | { failure: { code: string; message: string } },
): Promise<void> {
  const request = sent.findLast((message) => message.kind === "request" && message.name === name)!;
  shell!.receive({ kind: "result" in reply ? "result" : "failure", id: request.id, ...reply } as ReplyEnvelope);
  await settle();
}
const opened = (overview: ModelOverview = openModel()) => answer("model/overview", { result: overview });
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const tabStates = () =>
  [...document.querySelectorAll("[role=tab]")].map((tab) => `${tab.id} ${tab.getAttribute("aria-selected")}`);

describe("the shell", () => {
  it("asks for the overview, then shows it with its tabs", async () => {
    start();
    expect(find("app")!.dataset["state"]).toBe("loading");
    expect(sent.map((message) => message.kind === "request" && message.name)).toEqual(["model/overview"]);
    await opened();
    expect(find("app")!.dataset["state"]).toBe("ready");
    expect(find("page-overview")).not.toBeNull();
    expect(tabStates()).toEqual([
      "tab-overview true",
      "tab-layers false",
      "tab-tensor false",
      "tab-compare false",
      "tab-try false",
      "tab-quantize false",
    ]);
    expect(document.querySelector("[role=tabpanel]")!.getAttribute("aria-labelledby")).toBe("tab-overview");
  });

  it("shows the name of a file as text", async () => {
    start();
    await opened(openModel({ name: "<img src=x>\u202e" }));
    expect(document.querySelector("img")).toBeNull();
    expect(document.querySelector("h1")!.textContent).toBe("<img src=x>\\u202e");
  });

  it("goes from page to page and keeps the place", async () => {
    start();
    await opened();
    find("tab-layers")!.click();
    await settle(200);
    expect(find("page-layers")).not.toBeNull();
    expect(find("page-overview")).toBeNull();
    expect(state).toMatchObject({ place: { page: "layers" } });
  });

  it("finds place and state of the pages again", async () => {
    state = { place: { page: "layers" }, pages: { layers: { line: 7, anchor: 7 } } };
    start();
    await opened();
    expect(find("page-layers")).not.toBeNull();
    expect(tabStates()[1]).toBe("tab-layers true");
  });

  it("begins where a command asked, whatever was kept", async () => {
    state = { place: { page: "layers" }, pages: {} };
    start({ ...INITIAL, place: { page: "overview" } });
    await opened();
    expect(find("page-overview")).not.toBeNull();
  });

  it("shows a broken model without tabs, and reads it again", async () => {
    start();
    const problem = {
      file: "a",
      code: "safetensors/truncated",
      message: "Cut off.",
      remedy: "Copy it again.",
      byteOffset: 8,
    };
    await opened({ state: "broken", name: "a.safetensors", problems: [problem] });
    expect(find("app")!.dataset["state"]).toBe("broken");
    expect(document.querySelector("[role=tab]")).toBeNull();
    expect(find("problem-code")!.textContent).toBe("safetensors/truncated");
    find("retry")!.click();
    await opened();
    expect(find("app")!.dataset["state"]).toBe("ready");
  });

  it("shows a failure and tries again", async () => {
    start();
    await answer("model/overview", { failure: { code: "engine/stopped", message: "The engine stopped." } });
    expect(find("app")!.dataset["state"]).toBe("failed");
    expect(find("failure-code")!.textContent).toBe("engine/stopped");
    find("retry")!.click();
    await opened();
    expect(find("app")!.dataset["state"]).toBe("ready");
  });

  it("reads the model anew when its file changed, and stays on its page", async () => {
    state = { place: { page: "layers" }, pages: {} };
    start();
    await opened(openModel({ name: "before" }));
    shell!.receive({ kind: "event", event: "file-changed" });
    expect(document.querySelector("h1")!.textContent).toBe("before");
    await opened(openModel({ name: "after" }));
    expect(document.querySelector("h1")!.textContent).toBe("after");
    expect(find("page-layers")).not.toBeNull();
    expect(find("announcer")!.textContent).toContain("changed on disk");
  });

  it("goes where the host says, also before the model is open", async () => {
    start();
    shell!.receive({ kind: "event", event: "show", place: { page: "layers" } });
    await opened();
    expect(find("page-layers")).not.toBeNull();
    shell!.receive({ kind: "event", event: "show", place: { page: "overview" } });
    await settle();
    expect(find("page-overview")).not.toBeNull();
  });

  it("cancels what a page asked for when it is left", async () => {
    state = { place: { page: "layers" }, pages: {} };
    start();
    await opened();
    const window = sent.findLast((message) => message.kind === "request" && message.name === "layers/window")!;
    find("tab-overview")!.click();
    await settle();
    expect(sent).toContainEqual({ kind: "cancel", id: window.id });
  });

  it("writes the state when the page is hidden", async () => {
    start();
    await opened();
    find("tab-layers")!.click();
    dispatchEvent(new Event("pagehide"));
    expect(state).toMatchObject({ place: { page: "layers" } });
  });
});
