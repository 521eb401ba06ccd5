export { type SpqrOptions, spqr } from "./spqr.js";
