"""Token ids by the Python `tokenizers` library: python make_tokens.py MODEL_DIRECTORY > NAME-tokens.json

tiny-llama-tokens.json is made from examples/tiny-llama; stories260K-tokens.json and babyllama105-tokens.json from the
models of those names. Needs: pip install tokenizers
"""

import json
import sys

from tokenizers import Tokenizer, __version__

TEXTS = [
    "Once upon a time, there was a little girl named Lily.",
    "",
    " ",
    "   three spaces,  two,\ttabs\t\tand\n\nnewlines \r\n",
    " leading and trailing ",
    "caf\u00e9 na\u00efve \u00fcber; e\u0301 composed or not",
    "\u65e5\u672c\u8a9e and \u4e2d\u6587, \u0440\u0443\u0441\u0441\u043a\u0438\u0439, \u0639\u0631\u0628\u064a",
    "emoji \U0001f600\U0001f44d\U0001f3fd and \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "<s>special</s> in <unk> text<s>",
    "<s> spaces </s> around <unk>",
    "numbers 1234567890 and 3.14159, it's don't we'll",
    "code: for (let i = 0; i < n; i++) { x[i] += y_i; }",
    "\u0000\u0001\u007f control \ufeff mark \u00a0 hard space",
    "literal \u2581 lower block \u2581\u2581",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]

tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
cases = []
for text in TEXTS:
    plain = tokenizer.encode(text, add_special_tokens=False).ids
    special = tokenizer.encode(text, add_special_tokens=True).ids
    cases.append({"text": text, "ids": plain, "withSpecial": special, "decoded": tokenizer.decode(plain)})
print(json.dumps({"tokenizers": __version__, "cases": cases}, ensure_ascii=True).replace('{"text"', '\n  {"text"'))
