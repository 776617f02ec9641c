# NVIDIA Model-Optimizer's activation importance, from hooks on transformers' tiny-llama. Needs tiny-llama first.
# Activations are float32 as the model makes them; everything after the hook is float64.
from collections import defaultdict

import numpy
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from common import output_folder, versions, write_json

SEED, CALLS, BATCH, LENGTH = 43, 3, 2, 24
ABOUT = {
    'layout': (
        'ids is [calls, batch, time]: 3 forward calls of 2 sequences of 24 tokens each, batch first; no padding, no BOS'
    ),
    'accumulator': 'acc[channel] = sum over all sequences of (mean over time of |activation|)^2; root = sqrt(acc)',
    'ffn': '[layer][neuron]: root at the input of down_proj',
    'heads': "[layer][head]: root at the input of o_proj, then the L2 norm over each head's head_dim channels",
    'hidden': (
        '[channel]: sum over layers of the roots at the outputs of input_layernorm and post_attention_layernorm; '
        'final norm not included; hiddenPerNorm has the parts, in the order layer 0 input, layer 0 post-attention, '
        'layer 1 input, ...'
    ),
    'blockInfluence': '[layer]: mean over calls of the mean over batch and time of 1 - cos(layer input, layer output)',
    'influences': (
        'mean over all tokens of 1 - cos(a, b): blocks [length - 1][start] from the input of layer start to the output of layer '
        'start + length - 1; attention and feedForward from before to after that half of each layer'
    ),
    'aggregations': (
        'by name, batch then sequence: first over the tokens of each sequence, then over all sequences. Over n values S: '
        'mean = sum|S| / n, l2 = sqrt(sum S^2), variance = sum (S - mean S)^2 / n. ffn, hidden as above; heads: per '
        "channel, then the L2 norm over the head's channels; headsPerToken: of the L2 norm over the head's channels at each token"
    ),
    'rankings': 'indices by descending score; headsPerGroup is [layer][kv group][rank], global head numbers',
}


class Taps:
    """Accumulates squared sequence means per tap, and one cosine distance per layer and call."""

    def __init__(self, model: LlamaForCausalLM):
        self.squares: dict[str, torch.Tensor | float] = defaultdict(float)
        self.distances: dict[int, list[float]] = defaultdict(list)
        self.layers = len(model.model.layers)
        self.values: dict[str, list[torch.Tensor]] = defaultdict(list)
        for index, layer in enumerate(model.model.layers):
            layer.mlp.down_proj.register_forward_pre_hook(self._input_of(f'ffn.{index}'))
            layer.self_attn.o_proj.register_forward_pre_hook(self._input_of(f'heads.{index}'))
            layer.input_layernorm.register_forward_hook(self._output_of(f'norm.{index}.input'))
            layer.post_attention_layernorm.register_forward_hook(self._output_of(f'norm.{index}.post'))
            layer.register_forward_hook(self._influence_of(index))
            layer.post_attention_layernorm.register_forward_pre_hook(self._keep(f'middle.{index}'))

    def _add(self, name: str, x: torch.Tensor) -> None:
        self.squares[name] = self.squares[name] + x.double().abs().mean(dim=1).square().sum(dim=0)
        self.values[name].append(x.double())

    def _input_of(self, name: str):
        return lambda _module, inputs: self._add(name, inputs[0])

    def _output_of(self, name: str):
        return lambda _module, _inputs, output: self._add(name, output)

    def _keep(self, name: str):
        return lambda _module, inputs: self.values[name].append(inputs[0].double())

    def _influence_of(self, layer: int):
        def hook(_module, inputs, output):
            self.values[f'stream.{layer}'].append(inputs[0].double())
            if layer + 1 == self.layers:
                self.values[f'stream.{layer + 1}'].append(output.double())
            cosine = functional.cosine_similarity(inputs[0].double(), output.double(), dim=-1)
            self.distances[layer].append((1 - cosine).mean().item())

        return hook

    def root(self, name: str) -> torch.Tensor:
        return self.squares[name].sqrt()


def influences_of(values: dict[str, list[torch.Tensor]], layers: int) -> dict:
    def turn(a: str, b: str) -> float:
        return (1 - functional.cosine_similarity(torch.cat(values[a]), torch.cat(values[b]), dim=-1)).mean().item()

    return {
        'blocks': [
            [turn(f'stream.{start}', f'stream.{start + length}') for start in range(layers - length + 1)]
            for length in range(1, layers + 1)
        ],
        'attention': [turn(f'stream.{layer}', f'middle.{layer}') for layer in range(layers)],
        'feedForward': [turn(f'middle.{layer}', f'stream.{layer + 1}') for layer in range(layers)],
    }


AGGREGATE = {
    'mean': lambda s, dim: s.abs().mean(dim=dim),
    'l2': lambda s, dim: s.square().sum(dim=dim).sqrt(),
    'variance': lambda s, dim: s.var(dim=dim, unbiased=False),
}


def aggregations_of(values: dict[str, list[torch.Tensor]], layers: range, size: int) -> dict[str, dict]:
    """The nine, from the tapped values themselves [sequences, time, channels]."""
    all_values = {name: torch.cat(parts) for name, parts in values.items()}
    heads = {layer: all_values[f'heads.{layer}'].unflatten(-1, (-1, size)) for layer in layers}
    result = {}
    for batch, over_batch in AGGREGATE.items():
        for sequence, over_sequence in AGGREGATE.items():

            def both(x: torch.Tensor, batch=over_batch, sequence=over_sequence) -> torch.Tensor:
                return batch(sequence(x, 1), 0)

            norms = [both(all_values[f'norm.{layer}.{kind}']) for layer in layers for kind in ('input', 'post')]
            result[f'{batch}-{sequence}'] = {
                'ffn': [both(all_values[f'ffn.{layer}']).tolist() for layer in layers],
                'heads': [both(heads[layer]).norm(dim=-1).tolist() for layer in layers],
                'headsPerToken': [both(heads[layer].norm(dim=-1)).tolist() for layer in layers],
                'hidden': torch.stack(norms).sum(0).tolist(),
            }
    return result


def ranked(scores: torch.Tensor) -> list[int]:
    """Indices by descending score; refuses near ties, which would make the order a matter of rounding."""
    values, order = scores.sort(descending=True)
    gaps = (values[:-1] - values[1:]) / values[0]
    if (gaps < 1e-4).any():
        raise ValueError('two scores are too close to rank; choose another seed')
    return order.tolist()


def tapped(model: LlamaForCausalLM, ids: torch.Tensor) -> Taps:
    taps = Taps(model)
    with torch.no_grad():
        for batch in ids:
            model(batch)
    return taps


def scores_of(model: LlamaForCausalLM, taps: Taps) -> dict:
    layers = range(model.config.num_hidden_layers)
    size = model.config.head_dim
    per_norm = torch.stack([taps.root(f'norm.{layer}.{kind}') for layer in layers for kind in ('input', 'post')])
    return {
        'ffn': torch.stack([taps.root(f'ffn.{layer}') for layer in layers]),
        'heads': torch.stack([taps.root(f'heads.{layer}').view(-1, size).norm(dim=1) for layer in layers]),
        'hidden': per_norm.sum(0),
        'hiddenPerNorm': per_norm,
        'blockInfluence': torch.tensor([numpy.mean(taps.distances[layer]) for layer in layers], dtype=torch.float64),
    }


def rankings_of(scores: dict, groups: int) -> dict:
    per_group = scores['heads'].shape[1] // groups
    return {
        'ffn': [ranked(row) for row in scores['ffn']],
        'headsPerGroup': [
            [
                [group * per_group + head for head in ranked(row[group * per_group : (group + 1) * per_group])]
                for group in range(groups)
            ]
            for row in scores['heads']
        ],
        'hidden': ranked(scores['hidden']),
        'layers': ranked(scores['blockInfluence']),
    }


def main() -> None:
    root = output_folder('Importance scores and rankings of tiny-llama.')
    model = AutoModelForCausalLM.from_pretrained(
        root / 'tiny-llama', dtype=torch.float32, attn_implementation='eager'
    ).eval()
    ids = torch.from_numpy(numpy.random.default_rng(SEED).integers(0, 96, (CALLS, BATCH, LENGTH)))
    taps = tapped(model, ids)
    scores = scores_of(model, taps)
    layers = range(model.config.num_hidden_layers)
    rankings = rankings_of(scores, model.config.num_key_value_heads)
    write_json(
        root / 'importance' / 'golden.json',
        {
            'about': ABOUT,
            'versions': versions(),
            'checkpoint': '../tiny-llama',
            'ids': ids.tolist(),
            'scores': {name: value.tolist() for name, value in scores.items()},
            'rankings': rankings,
            'influences': influences_of(taps.values, len(layers)),
            'aggregations': aggregations_of(taps.values, layers, model.config.head_dim),
        },
    )


if __name__ == '__main__':
    main()
