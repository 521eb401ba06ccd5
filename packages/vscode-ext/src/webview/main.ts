import { unpackNumbers } from "../protocol/json-numbers.js";
import "./base.css";
import type { HostEvent, ReplyEnvelope } from "../protocol/envelope.js";
import { readInitialState } from "./initial-state.js";
import type { WebviewApi } from "./kept-state.js";
import { startShell } from "./shell/shell.js";
import { useTexts } from "./texts.js";

const api: WebviewApi = acquireVsCodeApi();
const initial = readInitialState(document);
useTexts(initial.texts);
const shell = startShell(document.body, api, initial);

addEventListener("message", (event: MessageEvent) => {
  // The editor's own frame passes messages on; anything without our tag is another's.
  const message = event.data as { readonly kind?: unknown } | null;
  if (typeof message === "object" && message !== null && typeof message.kind === "string")
    shell.receive(unpackNumbers(message) as ReplyEnvelope | HostEvent);
});
