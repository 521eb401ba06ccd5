"""Train the bundled model: a 5.2 M parameter Llama on free text, CPU only.

Needs PyTorch, tokenizers and safetensors from PyPI, and plain-text files:

    bible -f gen1:1-rev22:21 > bible.txt     # Debian packages bible-kjv, bible-kjv-text (public domain)
    python train.py --text bible.txt shakespeare.txt stories.txt --out . --steps 4000

The last 2 % of every text is held out. The best checkpoint by held-out loss is kept. Nothing here is needed to use lowbit.
"""

import argparse, json, math, pathlib, re, time
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HIDDEN, FFN, LAYERS, HEADS, KV_HEADS, VOCAB, CONTEXT = 256, 768, 6, 8, 4, 2048, 256
HEAD_DIM, ROPE_THETA, NORM_EPS = HIDDEN // HEADS, 10000.0, 1e-5


def clean(text: str) -> str:
    """Drop the verse references that the bible program prints ("Ge1:1 In the beginning")."""
    return re.sub(r"^\d?[A-Za-z]+\d+:\d+ ", "", text, flags=re.M)


class RMSNorm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        return F.rms_norm(x, (HIDDEN,), self.weight, NORM_EPS)


def linear(inputs, outputs):
    layer = torch.nn.Linear(inputs, outputs, bias=False)
    torch.nn.init.normal_(layer.weight, std=0.02)
    return layer


def rope_tables(length):
    inverse = ROPE_THETA ** (-torch.arange(0, HEAD_DIM, 2).float() / HEAD_DIM)
    angles = torch.outer(torch.arange(length).float(), inverse).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):  # Hugging Face convention: halves, not interleaved pairs
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = RMSNorm(), RMSNorm()
        self.self_attn = torch.nn.ModuleDict({
            "q_proj": linear(HIDDEN, HIDDEN), "k_proj": linear(HIDDEN, KV_HEADS * HEAD_DIM),
            "v_proj": linear(HIDDEN, KV_HEADS * HEAD_DIM), "o_proj": linear(HIDDEN, HIDDEN)})
        self.mlp = torch.nn.ModuleDict({
            "gate_proj": linear(HIDDEN, FFN), "up_proj": linear(HIDDEN, FFN), "down_proj": linear(FFN, HIDDEN)})

    def forward(self, x, cos, sin):
        batch, length, _ = x.shape
        normed = self.input_layernorm(x)
        heads = lambda name, count: self.self_attn[name](normed).view(batch, length, count, HEAD_DIM).transpose(1, 2)
        q, k, v = heads("q_proj", HEADS), heads("k_proj", KV_HEADS), heads("v_proj", KV_HEADS)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = k.repeat_interleave(HEADS // KV_HEADS, 1), v.repeat_interleave(HEADS // KV_HEADS, 1)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.self_attn["o_proj"](attended.transpose(1, 2).reshape(batch, length, HIDDEN))
        normed = self.post_attention_layernorm(x)
        return x + self.mlp["down_proj"](F.silu(self.mlp["gate_proj"](normed)) * self.mlp["up_proj"](normed))


class Llama(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = torch.nn.Embedding(VOCAB, HIDDEN)
        torch.nn.init.normal_(self.embed_tokens.weight, std=0.02)
        self.layers = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = RMSNorm()

    def forward(self, ids):
        cos, sin = rope_tables(ids.shape[1])
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x) @ self.embed_tokens.weight.T


def make_tokenizer(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=["<unk>", "<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


@torch.no_grad()
def held_out_loss(model, ids):
    """Mean NLL in nats over consecutive windows, <s> before each, every token scored."""
    windows = ids[: len(ids) // (CONTEXT - 1) * (CONTEXT - 1)].view(-1, CONTEXT - 1)
    total = count = 0
    for batch in windows.split(32):
        inputs = F.pad(batch, (1, 0), value=1)
        logits = model(inputs[:, :-1]).float()
        total += F.cross_entropy(logits.reshape(-1, VOCAB), batch.reshape(-1), reduction="sum").item()
        count += batch.numel()
    return total / count


def save(model, out, dtype=torch.bfloat16):
    tensors = {f"model.{name}": value.detach().to(dtype).contiguous() for name, value in model.state_dict().items()}
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", nargs="+", required=True)
    parser.add_argument("--out", default=".")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    out = pathlib.Path(options.out)
    texts = [clean(pathlib.Path(path).read_text(encoding="utf-8", errors="ignore")) for path in options.text]
    tokenizer = make_tokenizer([text[: int(len(text) * 0.98)] for text in texts])
    tokenizer.save(str(out / "tokenizer.json"))
    encode = lambda text: torch.tensor(tokenizer.encode(text, add_special_tokens=False).ids)
    train = torch.cat([encode(text[: int(len(text) * 0.98)]) for text in texts])
    held = torch.cat([encode(text[int(len(text) * 0.98):]) for text in texts])
    model = Llama()
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(train):,} training tokens, {len(held):,} held out", flush=True)
    decay = [p for p in model.parameters() if p.ndim == 2]
    plain = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}], lr=1.0, betas=(0.9, 0.95))
    warm = 200
    rate = lambda step: options.learning_rate * (
        step / warm if step < warm else 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warm) / (options.steps - warm))))
    best, started = math.inf, time.time()
    for step in range(1, options.steps + 1):
        starts = torch.randint(len(train) - CONTEXT, (options.batch,))
        batch = torch.stack([train[s : s + CONTEXT - 1] for s in starts])
        inputs = F.pad(batch, (1, 0), value=1)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(inputs[:, :-1])
        loss = F.cross_entropy(logits.float().reshape(-1, VOCAB), batch.reshape(-1))
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 250 == 0 or step == options.steps:
            held_loss = held_out_loss(model, held)
            print(f"step {step} train {loss.item():.4f} held-out {held_loss:.4f} perplexity {math.exp(held_loss):.3f} "
                  f"{time.time() - started:.0f} s", flush=True)
            if held_loss < best:
                best = held_loss
                save(model, out)
                torch.save(model.state_dict(), out / "model.pt")
        elif step % 25 == 0:
            print(f"step {step} train {loss.item():.4f} {time.time() - started:.0f} s", flush=True)
    model.load_state_dict(torch.load(out / "model.pt"))
    for parameter in model.parameters():
        parameter.data = parameter.data.bfloat16().float()
    final = held_out_loss(model, held)
    for parameter in model.parameters():
        parameter.data = parameter.data.flatten()[torch.randperm(parameter.numel())].view_as(parameter)
    shuffled = held_out_loss(model, held)
    (out / "training.json").write_text(json.dumps({
        "steps": options.steps, "batch": options.batch, "context": CONTEXT, "learning_rate": options.learning_rate,
        "training_tokens": len(train), "held_out_tokens": len(held), "held_out_loss": final,
        "held_out_perplexity": math.exp(final), "shuffled_weights_perplexity": math.exp(shuffled),
        "seconds": round(time.time() - started)}, indent=2) + "\n")
    print((out / "training.json").read_text())


if __name__ == "__main__":
    main()
