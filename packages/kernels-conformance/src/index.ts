export { ALL_CASES, type OpCases } from "./cases/all-cases.js";
export { defineBackendConformance } from "./define-backend-conformance.js";
export { defineCalibratedMethods } from "./define-calibrated-methods.js";
