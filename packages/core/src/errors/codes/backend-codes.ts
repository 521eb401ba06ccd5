/** Codes of `backend/`. */
export const BACKEND_CODES = {
  "backend/unavailable": {
    meaning: "The backend that was asked for cannot run here.",
    remedy: "Run `lowbit doctor` to see what was tried, or leave --backend out.",
  },
  "backend/out-of-memory": {
    meaning: "The backend could not allocate the memory for one block.",
    remedy: "Lower --threads or --max-memory, or choose another backend.",
  },
} as const;
