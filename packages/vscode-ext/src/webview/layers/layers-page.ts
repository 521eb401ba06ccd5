import "./layers.css";
import { render } from "lit";
import type { MountPage } from "../page.js";
import { LayersView } from "./layers-view.js";

/** The tree-table of all weights. */
export const mountLayersPage: MountPage = (container, place, context) => {
  const view = new LayersView(container, context);
  if (place.weight !== undefined) view.showWeight(place.weight);
  return {
    update({ weight }) {
      if (weight !== undefined) view.showWeight(weight);
    },
    settingsChanged() {
      view.forgetStatistics();
    },
    dispose() {
      view.dispose();
      render(null, container);
    },
  };
};
