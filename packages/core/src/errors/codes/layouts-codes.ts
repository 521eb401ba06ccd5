/** Codes of `layouts/` for the checkpoint layouts of other tools, and of conversions between layouts. */
export const LAYOUTS_CODES = {
  "layouts/missing-partner": {
    meaning: "A quantized weight lacks one of the tensors that its layout stores it in.",
    remedy: "Get the checkpoint again, with all its files.",
  },
  "layouts/wrong-tensor": {
    meaning: "A tensor of a quantized weight has a dtype or shape that its layout does not allow.",
    remedy: "Get the checkpoint again; if it is whole, the program that wrote it stores the weight in another way.",
  },
  "layouts/wrong-value": {
    meaning: "A tensor of a quantized weight holds a value that its layout gives no meaning, such as a scale of NaN.",
    remedy: "Get the checkpoint again; if it is whole, the program that wrote it has an error.",
  },
  "layouts/shapes-disagree": {
    meaning: "The shapes of the tensors of a quantized weight belong to no one code width.",
    remedy: "Get the checkpoint again; its tensors come from different files or another format.",
  },
  "layouts/mixed-versions": {
    meaning: "Some weights of a GPTQ checkpoint store zero points minus one and others as they are.",
    remedy: "Get the checkpoint again with all files of one revision; files of two conversions are mixed.",
  },
  "layouts/config-contradiction": {
    meaning: "The quantization_config of config.json states what the tensors of a weight contradict.",
    remedy: "Take config.json from where the weights come from.",
  },
  "layouts/config-needed": {
    meaning: "The tensors of a quantized weight can be read in several ways, and no config.json says in which.",
    remedy: "Put the config.json of the model beside its weights and open the directory.",
  },
  "layouts/unread-format": {
    meaning: "The weights are stored in a way that lowbit knows by its tensors or its name but does not read.",
    remedy: "Convert the checkpoint to one of the formats that the message names with the program that wrote it.",
  },
  "convert/output-path": {
    meaning: "The output path names one file, but the model needs several, or the layout another kind of path.",
    remedy: "Give a directory, or a file name with the ending of the layout, and a larger --max-shard-size.",
  },
  "convert/unknown-layout": {
    meaning: "No layout, or no type of that layout, has the name that was given.",
    remedy: "Use one of the names that the message lists.",
  },
  "convert/unmatched-rule": {
    meaning: "A --tensor-type names no tensor of the model.",
    remedy: "Check the pattern against the names that --dry-run prints.",
  },
  "convert/importance-file": {
    meaning: "The importance file is none that lowbit knows, or is damaged.",
    remedy: "Give an imatrix of llama.cpp (.dat or .gguf) or statistics of lowbit calibrate.",
  },
  "convert/importance-size": {
    meaning: "The importance of a weight is for another number of input features.",
    remedy: "Use the importance file of this model.",
  },
  "convert/not-read-back": {
    meaning: "A weight that was packed for a layout is not recognised as that layout again; a fault of lowbit.",
    remedy: "Report it with the model's name and the command.",
  },
  "convert/does-not-fit": {
    meaning: "The layout that was asked for cannot hold a weight as it is.",
    remedy: "Choose one of the layouts that the message names, or accept the error with --allow-requantize.",
  },
} as const;
