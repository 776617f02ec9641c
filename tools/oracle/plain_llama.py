# Llama in plain PyTorch under Hugging Face's parameter names, in whatever dtype its weights have.
# transformers computes norms, rotary tables and softmax in float32 even for a float64 model, so float64 runs use this.
import math

import torch
from torch import nn
from torch.nn import functional


def rope_frequencies(rope: dict, head_dim: int) -> torch.Tensor:
    """Inverse frequencies [head_dim / 2] in float64, with the `llama3` scaling when the parameters ask for it."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim
    plain = rope['rope_theta'] ** -exponents
    if rope['rope_type'] == 'default':
        return plain
    if rope['rope_type'] != 'llama3':
        raise ValueError(f'unknown rope_type {rope["rope_type"]}')
    turns = rope['original_max_position_embeddings'] * plain / (2 * math.pi)
    low, high = rope['low_freq_factor'], rope['high_freq_factor']
    keep = ((turns - low) / (high - low)).clamp(0, 1)
    return keep * plain + (1 - keep) * plain / rope['factor']


class RmsNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads, self.groups, self.size = config.num_attention_heads, config.num_key_value_heads, config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, self.heads * self.size, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, self.groups * self.size, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, self.groups * self.size, bias=False)
        self.o_proj = nn.Linear(self.heads * self.size, config.hidden_size, bias=False)
        self.frequencies = rope_frequencies(config.rope_parameters, self.size)

    def forward(self, x):
        batch, length, _ = x.shape
        # [batch, length, groups, heads per group, head_dim]: query head j belongs to group floor(j / heads per group)
        q = self.q_proj(x).view(batch, length, self.groups, -1, self.size)
        k = self.k_proj(x).view(batch, length, self.groups, 1, self.size)
        v = self.v_proj(x).view(batch, length, self.groups, self.size)
        angles = torch.outer(torch.arange(length, dtype=torch.float64), self.frequencies)
        turn = torch.polar(torch.ones_like(angles), angles)[:, None, None]
        scores = torch.einsum('btghd,bsgd->bghts', rotate(q, turn), rotate(k, turn)[:, :, :, 0]) / math.sqrt(self.size)
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.o_proj(torch.einsum('bghts,bsgd->btghd', weights, v).reshape(batch, length, -1))


def rotate(x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Rotary embedding as a complex product: component d pairs with d + head_dim / 2."""
    first, second = x.chunk(2, -1)
    turned = torch.complex(first, second) * turn.to(torch.complex(first[:0], first[:0]).dtype)
    return torch.cat((turned.real, turned.imag), -1)


class Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.mlp = Mlp(config)

    def forward(self, x):
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))


class PlainLlama(nn.Module):
    """Token ids [batch, length] to logits [batch, length, vocab]; untied embeddings only."""

    def __init__(self, config):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.model.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.model.norm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    def forward(self, ids):
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = layer(x)
        return self.lm_head(self.model.norm(x))
