import { createReferenceBackend } from "@lowbit/core/backend";
import { defineBackendConformance } from "./define-backend-conformance.js";

defineBackendConformance("reference", createReferenceBackend);
