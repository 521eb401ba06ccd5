/** Codes of `safetensors/`. */
export const SAFETENSORS_CODES = {
  "safetensors/file-too-small": {
    meaning: "The file is shorter than the 8-byte header length.",
    remedy: "Download the file again; it is empty or cut off.",
  },
  "safetensors/header-too-large": {
    meaning: "The header length is above the limit of the format.",
    remedy: "Check that this is a safetensors file; a header of this size is not read by any safetensors library.",
  },
  "safetensors/header-past-end": {
    meaning: "The header would end after the end of the file.",
    remedy: "Download the file again; it is cut off, or it is no safetensors file.",
  },
  "safetensors/header-start": {
    meaning: "The header does not begin with an opening brace.",
    remedy: "Check that this is a safetensors file.",
  },
  "safetensors/header-utf8": {
    meaning: "The header is not valid UTF-8.",
    remedy: "Write the file again with a current safetensors library.",
  },
  "safetensors/header-json": {
    meaning: "The header is not valid JSON.",
    remedy: "Write the file again with a current safetensors library; the message names the byte.",
  },
  "safetensors/duplicate-key": {
    meaning: "A key occurs twice in one object of the header.",
    remedy: "Write the file again with unique tensor names and metadata keys.",
  },
  "safetensors/metadata-type": {
    meaning: "`__metadata__` is not a map from strings to strings.",
    remedy: "Write the metadata values as strings.",
  },
  "safetensors/entry-type": {
    meaning: "A tensor entry, or one of its fields, has the wrong JSON type.",
    remedy:
      "Write the file again; an entry is an object with dtype (string), shape (array) and data_offsets (two numbers).",
  },
  "safetensors/missing-field": {
    meaning: "A tensor entry lacks dtype, shape or data_offsets.",
    remedy: "Write the file again with a current safetensors library.",
  },
  "safetensors/unknown-dtype": {
    meaning: "A tensor has a dtype that this version does not know.",
    remedy: "Upgrade lowbit, or store the tensor in one of the dtypes of docs/formats/safetensors.md.",
  },
  "safetensors/invalid-integer": {
    meaning: "A size or offset is not a non-negative integer below 2^53.",
    remedy: "Write the file again; sizes and offsets are plain integers without sign, point or exponent.",
  },
  "safetensors/size-overflow": {
    meaning: "The product of a shape, or its size in bits, exceeds 2^53 − 1.",
    remedy: "Write the file again; no real tensor has this shape.",
  },
  "safetensors/misaligned-bits": {
    meaning: "The elements of a sub-byte tensor do not fill whole bytes.",
    remedy: "Pad the tensor so that elements × bits is a multiple of 8.",
  },
  "safetensors/offsets-reversed": {
    meaning: "A tensor ends before it begins.",
    remedy: "Write the file again with a current safetensors library.",
  },
  "safetensors/span-mismatch": {
    meaning: "The bytes of a tensor are not as many as its dtype and shape need.",
    remedy: "Write the file again; dtype, shape and data_offsets contradict each other.",
  },
  "safetensors/hole": {
    meaning: "Some bytes between tensors belong to no tensor.",
    remedy: "Write the file again; tensors must follow each other without a gap.",
  },
  "safetensors/overlap": {
    meaning: "Two tensors share bytes.",
    remedy: "Write the file again; store a shared tensor once.",
  },
  "safetensors/data-truncated": {
    meaning: "The file ends before the data of its tensors.",
    remedy: "Download the file again; the download was cut off.",
  },
  "safetensors/trailing-bytes": {
    meaning: "The file goes on after the data of its last tensor.",
    remedy: "Do not trust the file: bytes may have been appended. Download or write it again.",
  },
  "safetensors/index-json": {
    meaning: "The shard index is not valid JSON of the expected form.",
    remedy: "Download the index again; it maps each tensor name to a shard file name under weight_map.",
  },
  "safetensors/index-duplicate-key": {
    meaning: "A key occurs twice in the shard index.",
    remedy: "Write the index again with unique tensor names.",
  },
  "safetensors/index-path-escape": {
    meaning: "The shard index names a file outside its own directory.",
    remedy: "Do not trust the index: shard names are plain file names without separators.",
  },
  "safetensors/index-shard-name": {
    meaning: "A shard name of the index does not follow the naming of safetensors shards.",
    remedy: "Name shards like model-00001-of-00003.safetensors, numbered from 1 to the count, with one count for all.",
  },
  "safetensors/index-missing-shard": {
    meaning: "A shard that the index names is not there.",
    remedy: "Download the missing shard into the directory of the index.",
  },
  "safetensors/index-wrong-shard": {
    meaning: "A tensor lies in another shard than the index says.",
    remedy: "Write the index again, or download index and shards of the same revision.",
  },
  "safetensors/index-missing-tensor": {
    meaning: "A tensor of the index is in none of the shards.",
    remedy: "Download index and shards of the same revision.",
  },
  "safetensors/index-extra-tensor": {
    meaning: "A shard holds a tensor that the index does not name.",
    remedy: "Download index and shards of the same revision.",
  },
  "safetensors/index-total-size": {
    meaning: "`total_size` of the index is not the sum of the tensors' bytes.",
    remedy: "Download index and shards of the same revision, or write the index again.",
  },
  "safetensors/duplicate-tensor": {
    meaning: "Two shards hold a tensor of the same name.",
    remedy: "Remove files that do not belong to the model, or add an index that says which shard counts.",
  },
  "safetensors/no-model": {
    meaning: "The path holds no safetensors file.",
    remedy: "Give a .safetensors file, a .safetensors.index.json, or a directory that holds one of them.",
  },
  "safetensors/ambiguous-index": {
    meaning: "The directory holds several shard indexes and none has the usual name.",
    remedy: "Give the path of the index to open.",
  },
  "safetensors/write-length": {
    meaning: "The bytes of a tensor to be written are not as many as its dtype and shape need.",
    remedy: "Give exactly the bytes that dtype and shape need.",
  },
  "safetensors/write-name": {
    meaning: "A tensor name or metadata text cannot be stored.",
    remedy: "Use unique names that are valid Unicode and not __metadata__.",
  },
} as const;
