"""Held-out perplexity of the bundled model and of its quantized copies, by the protocol of train.py.

Needs what train.py needs, and the same texts in the same order:

    python perplexity.py --text bible.txt shakespeare.txt stories.txt --model . rtn4-bf16 rtn2-bf16

A model is a folder of plain tensors: turn a quantized one back with `lowbit dequantize` first. Weights of any float
dtype are evaluated in f32.
"""

import argparse, math, pathlib
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from train import Llama, clean, held_out_loss


def held_out_ids(paths, tokenizer):
    texts = [clean(pathlib.Path(path).read_text(encoding="utf-8", errors="ignore")) for path in paths]
    return torch.cat([torch.tensor(tokenizer.encode(text[int(len(text) * 0.98):], add_special_tokens=False).ids) for text in texts])


def load(folder):
    model = Llama()
    tensors = {}
    for path in sorted(folder.glob("*.safetensors")):
        tensors.update(load_file(path))
    model.load_state_dict({name.removeprefix("model."): value.float() for name, value in tensors.items()})
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", nargs="+", required=True)
    parser.add_argument("--model", nargs="+", required=True, type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    here = pathlib.Path(__file__).parent
    ids = held_out_ids(options.text, Tokenizer.from_file(str(here / "tokenizer.json")))
    print(f"{len(ids):,} held-out tokens; loss in nats per token, perplexity, model", flush=True)
    for folder in options.model:
        loss = held_out_loss(load(folder), ids)
        print(f"{loss:8.4f} {math.exp(loss):12.2f}  {folder}", flush=True)


if __name__ == "__main__":
    main()
