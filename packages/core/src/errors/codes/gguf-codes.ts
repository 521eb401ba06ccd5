/** Codes of `gguf/` and `blocks/`. */
export const GGUF_CODES = {
  "gguf/unknown-type": {
    meaning: "A tensor has a storage type that this version does not know.",
    remedy: "Upgrade lowbit, or write the file with a type of the list.",
  },
  "gguf/block-value": {
    meaning: "A block holds a code that means nothing.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/file-too-small": {
    meaning: "The file is too small for the fixed part of a GGUF header.",
    remedy: "Get the file again; it is cut off.",
  },
  "gguf/magic": {
    meaning: 'The file does not begin with the four letters "GGUF".',
    remedy: "Check what the file is: a .safetensors file needs that ending.",
  },
  "gguf/byte-order": {
    meaning: "The file is big-endian.",
    remedy: "Get the little-endian file of the model.",
  },
  "gguf/old-version": {
    meaning: "The file is of GGUF version 1, which llama.cpp does not load either.",
    remedy: "Convert the original model again with a current tool.",
  },
  "gguf/unknown-version": {
    meaning: "The GGUF version is none that this version of lowbit reads.",
    remedy: "Upgrade lowbit, or write the file as version 3.",
  },
  "gguf/count": {
    meaning: "The header states more tensors or metadata keys than the file has room for.",
    remedy: "Get the file again; it is damaged or hostile.",
  },
  "gguf/past-end": {
    meaning: "A part of the header reaches behind the end of the file.",
    remedy: "Get the file again; it is cut off or damaged.",
  },
  "gguf/header-too-large": {
    meaning: "The header is larger than any that is read.",
    remedy: "Write the file with smaller metadata.",
  },
  "gguf/key-length": {
    meaning: "A metadata key is empty or longer than the format allows.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/text-utf8": {
    meaning: "A key, a name or a text of the metadata is not valid UTF-8.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/duplicate-key": {
    meaning: "A metadata key occurs twice.",
    remedy: "Write the file again with unique keys.",
  },
  "gguf/value-type": {
    meaning: "A metadata value has a type that the format does not know.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/nested-array": {
    meaning: "A metadata value is an array of arrays.",
    remedy: "Write the file again with flat arrays.",
  },
  "gguf/array-length": {
    meaning: "A metadata array states more elements than the file has room for.",
    remedy: "Get the file again; it is damaged or hostile.",
  },
  "gguf/bool-value": {
    meaning: "A boolean of the metadata is neither 0 nor 1.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/alignment": {
    meaning: "general.alignment is not a power of two stored as uint32.",
    remedy: "Write the file again with alignment 32.",
  },
  "gguf/name-length": {
    meaning: "A tensor name is longer than ggml can keep.",
    remedy: "Write the file again with names of at most 63 bytes.",
  },
  "gguf/duplicate-tensor": {
    meaning: "Two tensors have the same name.",
    remedy: "Write the file again with unique names.",
  },
  "gguf/axes": {
    meaning: "A tensor has more axes than ggml allows.",
    remedy: "Write the tensor with at most four axes.",
  },
  "gguf/axis-size": {
    meaning: "An axis of a tensor is empty or too large.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/size-overflow": {
    meaning: "A tensor has more elements or bytes than can be counted exactly.",
    remedy: "Get the file again; it is damaged or hostile.",
  },
  "gguf/row-length": {
    meaning: "The rows of a tensor are not whole blocks of its type.",
    remedy: "Store the tensor in a type whose blocks divide its rows.",
  },
  "gguf/retired-type": {
    meaning: "A tensor has a type that ggml has removed.",
    remedy: "Get or make the file with a current tool.",
  },
  "gguf/working-type": {
    meaning: "A tensor has a type that ggml uses only while it computes.",
    remedy: "Write the file with a type that is made for storage.",
  },
  "gguf/fork-type": {
    meaning:
      "A tensor has a type number that forks of ggml use for types of their own, and its size fits none that is read.",
    remedy: "Convert the original model to a type of ggml.",
  },
  "gguf/offset": {
    meaning: "A tensor does not begin where the tensors before it end.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "gguf/data-truncated": {
    meaning: "The data of a tensor reach behind the end of the file.",
    remedy: "Get the file again; it is cut off.",
  },
  "gguf/trailing-bytes": {
    meaning: "Bytes follow the last tensor; programs ignore them.",
    remedy: "Find out what they are before you pass the file on.",
  },
  "gguf/write-name": {
    meaning: "A tensor name or a metadata key cannot be written.",
    remedy: "Choose the name as the message says.",
  },
  "gguf/write-value": {
    meaning: "A metadata value does not fit its type.",
    remedy: "Change the value or its type.",
  },
  "gguf/write-length": {
    meaning: "The data of a tensor have another size than its type and shape need.",
    remedy: "Pass as many bytes as the message says.",
  },
  "gguf/split-name": {
    meaning: "The files of a split model are not named as a set.",
    remedy: "Give the files their names back: model-00001-of-00003.gguf and so on.",
  },
  "gguf/split-missing": {
    meaning: "A file of a split model is not there.",
    remedy: "Put all files of the model into one directory.",
  },
  "gguf/split-mismatch": {
    meaning: "The files of a split model do not belong together.",
    remedy: "Get all files of the model from the same place again.",
  },
  "gguf/ambiguous-directory": {
    meaning: "A directory holds several GGUF models.",
    remedy: "Name the file to open.",
  },
} as const;
