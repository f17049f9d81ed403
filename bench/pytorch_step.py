"""One training step of the same Llama in eager PyTorch: the other side of compare-pytorch.

Prints one line of JSON. The thread settings are the environment's: OPENBLAS_NUM_THREADS and OMP_NUM_THREADS.
"""
import argparse
import json
import math
import os
import resource
import time

import torch
import torch.nn.functional as F
from torch import nn

SHAPES = {"15m": dict(hidden=288, layers=6, heads=6, ffn=768), "50m": dict(hidden=512, layers=8, heads=8, ffn=2048)}
VOCABULARY = 32_000


class RmsNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotary_table(length, head_dim):
    frequencies = 10_000.0 ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angles = torch.outer(torch.arange(length).float(), frequencies)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    """Turns element i with element i + H/2 of each head; x is [B, N, T, H]."""
    low, high = x.chunk(2, -1)
    return torch.cat((low * cos - high * sin, high * cos + low * sin), -1)


class Attention(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.qkv_proj = nn.Linear(hidden, 3 * hidden, bias=False)
        self.o_proj = nn.Linear(hidden, hidden, bias=False)

    def forward(self, x, table, mask):
        batch, length, hidden = x.shape
        q, k, v = self.qkv_proj(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, *table), rotate(k, *table)
        scale = 1 / math.sqrt(q.shape[-1])
        # baddbmm adds the mask in the product itself: PyTorch 1.13 has no fused attention on the CPU.
        flat = lambda t: t.reshape(batch * self.heads, length, -1)
        scores = torch.baddbmm(mask, flat(q), flat(k).transpose(1, 2), alpha=scale)
        o = torch.bmm(scores.softmax(-1), flat(v))
        return self.o_proj(o.view(batch, self.heads, length, -1).transpose(1, 2).reshape(batch, length, hidden))


class Layer(nn.Module):
    def __init__(self, hidden, heads, ffn):
        super().__init__()
        self.input_layernorm = RmsNorm(hidden)
        self.self_attn = Attention(hidden, heads)
        self.post_attention_layernorm = RmsNorm(hidden)
        self.gate_up_proj = nn.Linear(hidden, 2 * ffn, bias=False)
        self.down_proj = nn.Linear(ffn, hidden, bias=False)

    def forward(self, x, table, mask):
        x = x + self.self_attn(self.input_layernorm(x), table, mask)
        gate, up = self.gate_up_proj(self.post_attention_layernorm(x)).chunk(2, -1)
        return x + self.down_proj(F.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, hidden, layers, heads, ffn, length):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, hidden)
        self.layers = nn.ModuleList(Layer(hidden, heads, ffn) for _ in range(layers))
        self.norm = RmsNorm(hidden)
        self.table = rotary_table(length, hidden // heads)
        self.mask = torch.full((length, length), float("-inf")).triu(1)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets):
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x, self.table, self.mask)
        logits = F.linear(self.norm(x), self.embed_tokens.weight)
        return F.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))


def make_optimizer(model):
    matrices = [p for p in model.parameters() if p.dim() > 1]
    norms = [p for p in model.parameters() if p.dim() == 1]
    groups = [dict(params=matrices, weight_decay=0.1), dict(params=norms, weight_decay=0.0)]
    return torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95), eps=1e-8, foreach=True)


def step(model, optimizer, tokens, targets):
    optimizer.zero_grad(set_to_none=True)
    loss = model(tokens, targets)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss


def blas_kernel():
    try:
        import threadpoolctl
    except ImportError:
        return "unknown"
    return ", ".join(
        f"{pool['architecture']} x{pool['num_threads']}" for pool in threadpoolctl.threadpool_info() if pool["internal_api"] == "openblas")


def check_product():
    """Largest relative error of fp32 products against fp64: some old kernels are wrong on new processors."""
    worst = 0.0
    for m, k, n in ((300, 288, 301), (1024, 288, 864), (511, 1000, 255), (64, 48, 256)):
        for transpose_a in (False, True):
            for transpose_b in (False, True):
                a = torch.randn(k, m).t() if transpose_a else torch.randn(m, k)
                b = torch.randn(n, k).t() if transpose_b else torch.randn(k, n)
                exact = a.double() @ b.double()
                worst = max(worst, ((a @ b - exact).abs().max() / exact.abs().max()).item())
    return worst


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=SHAPES, default="15m")
    parser.add_argument("--seq", type=int, default=256)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    model = Llama(length=options.seq, **SHAPES[options.model])
    optimizer = make_optimizer(model)
    tokens, targets = torch.randint(VOCABULARY, (2, options.batch, options.seq))
    for _ in range(3):
        step(model, optimizer, tokens, targets)
    faults, times = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, []
    begin = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < options.seconds:
        start = time.perf_counter()
        loss = step(model, optimizer, tokens, targets)
        times.append(time.perf_counter() - start)
    faults = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults) // len(times)
    times.sort()
    print(json.dumps(dict(
        program="pytorch " + torch.__version__, torch_threads=torch.get_num_threads(), openblas=blas_kernel(),
        product_error=check_product(), steps=len(times), parameters=sum(p.numel() for p in model.parameters()),
        tokens_per_second=round(tokens.numel() / times[len(times) // 2]), best_tokens_per_second=round(tokens.numel() / times[0]),
        page_faults_per_step=faults, rss_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), loss=loss.item())))


if __name__ == "__main__":
    main()
