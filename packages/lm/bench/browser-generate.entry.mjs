// What a page imports to load a checkpoint and let it write text, kernels apart; its bundle has a budget
// (.size-limit.json), and making it shows that nothing in it needs Node.

export { createReferenceBackend } from "@lowbit/core/backend";
export { createTokenizer, generateTokens, openModelSource } from "@lowbit/lm";
