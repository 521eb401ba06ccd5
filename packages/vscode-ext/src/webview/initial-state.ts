import { INITIAL_STATE_NAME, type InitialState } from "../protocol/initial-state.js";

const WITHOUT_HOST: InitialState = {
  settings: { outlierRule: { kind: "sigma", factor: 6 }, mapColors: "theme" },
};

/** What the host put into the page's head. */
export function readInitialState(page: Document): InitialState {
  const content = page.querySelector(`meta[name="${INITIAL_STATE_NAME}"]`)?.getAttribute("content");
  return content == null ? WITHOUT_HOST : (JSON.parse(content) as InitialState);
}
