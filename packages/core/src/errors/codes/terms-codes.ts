/** Codes of `terms/ and layouts/`. */
export const TERMS_CODES = {
  "terms/unknown-kind": {
    meaning: "The file uses a term kind that this version does not know.",
    remedy: "Upgrade lowbit, or ask for the file to be written with a kind of the list.",
  },
  "terms/missing-field": {
    meaning: "The layout of a term lacks a field that its kind needs.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "terms/invalid-field": {
    meaning: "A field of a term layout has the wrong type or lies outside its range.",
    remedy: "Give a value that the message allows; where it comes from a file, write the file again.",
  },
  "terms/unknown-field": {
    meaning: "The layout of a term has a field that this version does not know.",
    remedy: "Upgrade lowbit; a field that is ignored could change the meaning of the codes.",
  },
  "terms/missing-array": {
    meaning: "A term lacks an array that its layout requires.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "terms/layout-mismatch": {
    meaning: "A term array does not have the dtype or shape that its layout requires.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "terms/invalid-array": {
    meaning:
      "An array of a term or transform names a column twice, out of order or outside the matrix, marks another number of weights than its layout states, or holds a scale of 0.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "terms/no-terms": {
    meaning: "A quantized weight is a sum of no terms.",
    remedy: "Give it at least one term; where it comes from a file, write the file again.",
  },
  "terms/shape-mismatch": {
    meaning: "A term or input transform does not have the shape of its weight.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "terms/target-size": {
    meaning: "The floats that a term is decoded into are not as many as its weights.",
    remedy: "Decode into a Float32Array of rows × columns elements.",
  },
  "terms/rows-outside": {
    meaning: "Rows were asked for that the term does not have.",
    remedy: "Ask for rows from 0 to the number that the message states.",
  },
  "terms/rows-unknown": {
    meaning: "The size of a sparse or masked term cannot be told for some of its rows.",
    remedy: "Count the kept weights of these rows first and make the layout from that count.",
  },
  "terms/stored-form": {
    meaning: "An op got a term in a form that is made for files, not for ops.",
    remedy: "Give it `runnableTerm(term)`, the plain form with the same weights.",
  },
  "terms/unknown-transform": {
    meaning: "The file uses an input transform that this version does not know.",
    remedy: "Upgrade lowbit, or ask for the file to be written with a transform of the list.",
  },
  "layouts/schema-json": {
    meaning: "The lowbit schema in the metadata of the file is not JSON.",
    remedy: "Write the file again; it was edited or cut off.",
  },
  "layouts/unknown-version": {
    meaning: "The lowbit schema has a version that this version of lowbit does not read.",
    remedy: "Upgrade lowbit, or write the file again with this version.",
  },
  "layouts/schema-missing-key": {
    meaning: "An object of the lowbit schema lacks a key.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "layouts/schema-unknown-key": {
    meaning: "An object of the lowbit schema has a key that version 1 does not have.",
    remedy: "Write the file again; a tool added something without changing the version.",
  },
  "layouts/schema-type": {
    meaning: "A value of the lowbit schema has the wrong JSON type.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "layouts/invalid-shape": {
    meaning: "The shape of a quantized weight is not a list of 1 to 8 positive sizes.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "layouts/unknown-dtype": {
    meaning: "The original dtype of a quantized weight is not a dtype of safetensors.",
    remedy: "Write the file again; it was edited or written by a faulty tool.",
  },
  "layouts/missing-tensor": {
    meaning: "The file lacks a tensor that the lowbit schema needs; all arrays of a weight stand in one shard.",
    remedy:
      "Write or download the file again; a tool that splits or merges shards must keep the schema with its tensors.",
  },
  "layouts/tensor-dtype": {
    meaning: "A tensor does not have the dtype that the lowbit schema requires.",
    remedy: "Write or download the file again; tools that convert dtypes must leave lowbit tensors alone.",
  },
  "layouts/tensor-shape": {
    meaning: "A tensor does not have the shape that the lowbit schema requires.",
    remedy: "Write or download the file again.",
  },
  "layouts/implausible-size": {
    meaning: "The lowbit schema states far more weights than its bytes could hold.",
    remedy: "Do not trust the file; get it from its author again.",
  },
  "layouts/name-collision": {
    meaning: "A tensor name is needed twice: for an array of a quantized weight and for something else.",
    remedy: "Rename the tensor that the message names.",
  },
  "layouts/duplicate-weight": {
    meaning: "The checkpoint holds one weight twice, in two shards or both quantized and plain.",
    remedy: "Remove the shard that does not belong to the checkpoint.",
  },
  "layouts/not-floats": {
    meaning: "A tensor of integers, booleans or complex numbers was to be read as f32.",
    remedy: "Choose a tensor with a floating point dtype.",
  },
} as const;
