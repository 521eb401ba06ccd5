/** Codes of `the option tables of the quantizers`. */
export const OPTIONS_CODES = {
  "options/unknown-method": {
    meaning: "No quantization method has this name.",
    remedy: "Choose one of the methods that `lowbit methods` lists.",
  },
  "options/unknown-option": {
    meaning: "The method has no option of this name.",
    remedy: "See the options of the method with `lowbit methods NAME`.",
  },
  "options/invalid-value": {
    meaning: "The option value has the wrong type or lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "options/unknown-tensor": {
    meaning: "The checkpoint has no tensor of this name.",
    remedy: "See the names with `lowbit inspect PATH`.",
  },
  "options/conflict": {
    meaning: "Two options exclude each other.",
    remedy: "Remove one of the options that the message names.",
  },
  "options/unmatched-glob": {
    meaning: "The pattern of --tensor matches no tensor of the checkpoint.",
    remedy:
      "Compare the pattern with the names that `lowbit inspect PATH` prints; * stands for anything, dots included.",
  },
  "options/command-line": {
    meaning:
      "The command line names an unknown command or option, lacks an argument, or holds a value that is not allowed.",
    remedy: "Add --help to the command for its arguments, options and examples.",
  },
  "options/invalid-recipe": {
    meaning: "The recipe file is not a list of rules.",
    remedy: 'Write a JSON list like [{ "match": "*.down_proj.weight", "method": "hqq", "options": { "bits": 3 } }].',
  },
  "options/invalid-override": {
    meaning: "An override is not of the form GLOB=METHOD:option=value.",
    remedy: "Write it like '*.down_proj.weight=hqq:bits=3,group=64', in quotes.",
  },
  "options/invalid-results": {
    meaning: "The JSON file beside the page of `lowbit bench quality` holds something else than its results.",
    remedy: "Give --out another path, or move the file that is there.",
  },
} as const;
