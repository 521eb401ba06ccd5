/** Codes of `node/hub/`. */
export const HUB_CODES = {
  "hub/invalid-id": {
    meaning:
      "The name of a model on the Hub is not of the form hf:owner/name, hf:owner/name@revision or hf:owner/name:file.",
    remedy: "Write it as the message shows.",
  },
  "hub/unsafe-name": {
    meaning: "A file name on the Hub leads out of its repository or holds characters that file systems refuse.",
    remedy: "Do not use this repository.",
  },
  "hub/unreachable": {
    meaning: "The Hub, or the server that it points to, does not answer.",
    remedy: "Check the network and HF_ENDPOINT; HF_HUB_OFFLINE=1 uses what the cache holds.",
  },
  "hub/unsafe-redirect": {
    meaning: "The Hub points to a place that is not followed.",
    remedy: "Check HF_ENDPOINT.",
  },
  "hub/not-found": {
    meaning: "The Hub has no model of that name that anybody may see.",
    remedy: "Check the name; for a private model set HF_TOKEN.",
  },
  "hub/no-revision": {
    meaning: "The model has no such branch, tag or commit.",
    remedy: "Check what stands behind the @.",
  },
  "hub/no-such-file": {
    meaning: "The repository lacks a file that is needed.",
    remedy: "Check what stands behind the colon, or that the model is complete on the Hub.",
  },
  "hub/no-model": {
    meaning: "The repository holds no weights in safetensors or GGUF files.",
    remedy: "Find a conversion of the model to safetensors or GGUF.",
  },
  "hub/choose-file": {
    meaning: "The repository holds several GGUF models.",
    remedy: "Name one as the message shows.",
  },
  "hub/unauthorized": {
    meaning: "The Hub does not accept the token.",
    remedy: "Set HF_TOKEN to a valid token, or unset it for public models.",
  },
  "hub/gated": {
    meaning: "The owners of the model must grant access first.",
    remedy: "Ask for access on the page of the model, then set HF_TOKEN to a token of that account.",
  },
  "hub/status": {
    meaning: "The Hub answered with an unexpected status.",
    remedy: "Try again later.",
  },
  "hub/bad-answer": {
    meaning: "The Hub's answer cannot be understood.",
    remedy: "Check HF_ENDPOINT; try again later.",
  },
  "hub/interrupted": {
    meaning: "The connection broke off several times without progress.",
    remedy: "Start the command again; it goes on where the download stopped.",
  },
  "hub/file-changed": {
    meaning: "A file on the server is not the one that the Hub listed.",
    remedy: "Start the command again.",
  },
  "hub/damaged": {
    meaning: "A downloaded file has the wrong size or hash; it was removed.",
    remedy: "Start the command again.",
  },
  "hub/offline": {
    meaning: "The cache does not hold the model, and the Hub may not be asked.",
    remedy: "Download it once with a connection: unset HF_HUB_OFFLINE.",
  },
  "hub/aborted": {
    meaning: "The download was cancelled.",
    remedy: "Start the command again; it goes on where the download stopped.",
  },
} as const;
