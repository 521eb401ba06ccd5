export { visibleText } from "../protocol/visible-text.js";
