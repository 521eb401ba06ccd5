import { mountComparePage } from "../compare/compare-page.js";
import { mountLayersPage } from "../layers/layers-page.js";
import { mountOverviewPage } from "../overview/overview-page.js";
import type { MountPage, PageName } from "../page.js";
import { mountQuantizePage } from "../quantize/quantize-page.js";
import { mountTensorPage } from "../tensor/tensor-page.js";
import { mountTryPage } from "../try/try-page.js";

/** The pages, by name. */
export const PAGES: Readonly<Record<PageName, MountPage>> = {
  overview: mountOverviewPage,
  layers: mountLayersPage,
  tensor: mountTensorPage,
  compare: mountComparePage,
  try: mountTryPage,
  quantize: mountQuantizePage,
};
