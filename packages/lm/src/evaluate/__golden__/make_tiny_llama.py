"""Losses of examples/tiny-llama on short-text.txt: python make_tiny_llama.py MODEL_DIRECTORY > tiny-llama.json

Windows of 63 ids with BOS before each, every id scored, f32, by transformers. Needs: pip install torch transformers
"""

import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, __version__

CONTEXT = 64

text = pathlib.Path(__file__).with_name("short-text.txt").read_text(encoding="utf-8")
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
ids = tokenizer(text, add_special_tokens=False)["input_ids"]
windows = []
for begin in range(0, len(ids) - CONTEXT + 2, CONTEXT - 1):
    window = torch.tensor([[tokenizer.bos_token_id, *ids[begin : begin + CONTEXT - 1]]])
    with torch.no_grad():
        logits = model(window).logits[0, :-1].double()
    losses = torch.nn.functional.cross_entropy(logits, window[0, 1:], reduction="none")
    windows.append(losses.mean().item())
print(json.dumps({"transformers": __version__, "context": CONTEXT, "tokens": len(ids), "windowLosses": windows}))
