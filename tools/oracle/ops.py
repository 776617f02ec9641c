# Values and gradients of the named composites, from torch's own functions in float64.
# Each case: inputs, output, the cotangent sent back from the output, and the gradient of every input that gets one.
import math
from collections.abc import Callable, Iterator

import numpy
import torch
from torch.nn import functional
from transformers.models.nemotron.modeling_nemotron import apply_rotary_pos_emb

from common import listed, normal, output_folder, versions, write_json

SEED = 31
ABOUT = {
    'arrays': 'shape and row-major data; float64 unless an input says int64',
    'gradients': 'of sum(output * cotangent); inputs without an entry get none (a teacher is a constant)',
    'rotary': (
        '[batch, heads, time, headDim]; the first rotaryDimensions components turn, d paired with d + '
        'rotaryDimensions / 2, by angle positions[t] * theta^(-2 d / rotaryDimensions); the rest pass; cos and sin '
        "are those angles' tables"
    ),
    'attention': (
        '[batch, heads, time, headDim]; causal, scale 1 / sqrt(headDim); query head j reads kv head floor(j * kvHeads '
        '/ heads)'
    ),
    'losses': (
        'mean over positions with mask 1; crossEntropy targets at mask 0 are arbitrary valid ids; forwardKl = sum_v '
        'p_teacher (log p_teacher - log p_student), reverseKl = sum_v p_student (log p_student - log p_teacher), both '
        'of logits / temperature, with no temperature^2 factor'
    ),
}

Tensors = dict[str, torch.Tensor]


def case(
    rng: numpy.random.Generator,
    name: str,
    op: str,
    inputs: Tensors,
    call: Callable[[Tensors], torch.Tensor],
    attributes: dict | None = None,
    constants: Tensors | None = None,
) -> dict:
    """Runs `call` on the inputs (differentiated) and constants (not), and pulls a random cotangent back."""
    leaves = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    output = call(leaves | (constants or {}))
    cotangent = normal(rng, *output.shape) if output.dim() else torch.tensor(1.7, dtype=torch.float64)
    gradients = torch.autograd.grad(output, list(leaves.values()), cotangent)
    return {
        'name': name,
        'op': op,
        'attributes': attributes or {},
        'inputs': {key: _input(value) for key, value in (inputs | (constants or {})).items()},
        'output': listed(output),
        'cotangent': listed(cotangent),
        'gradients': {key: listed(value) for key, value in zip(leaves, gradients, strict=True)},
    }


def _input(value: torch.Tensor) -> dict:
    return listed(value) | {'dtype': str(value.dtype).removeprefix('torch.')}


def norms(rng: numpy.random.Generator) -> Iterator[dict]:
    for name, eps, scale in (('rmsNorm', 1e-5, 1.0), ('rmsNorm of values as small as eps', 1e-2, 0.1)):
        inputs = {'x': normal(rng, 2, 3, 8, std=scale), 'weight': normal(rng, 8, std=0.3, mean=1.0)}
        yield case(
            rng,
            name,
            'rmsNorm',
            inputs,
            lambda t, eps=eps: functional.rms_norm(t['x'], (8,), t['weight'], eps),
            {'eps': eps},
        )
    inputs = {'x': normal(rng, 2, 3, 8, mean=0.5), 'weight': normal(rng, 8, std=0.3, mean=1.0), 'bias': normal(rng, 8)}
    yield case(
        rng,
        'layerNorm with bias',
        'layerNorm',
        inputs,
        lambda t: functional.layer_norm(t['x'], (8,), t['weight'], t['bias'], 1e-5),
        {'eps': 1e-5},
    )


def rotaries(rng: numpy.random.Generator) -> Iterator[dict]:
    for name, size, turning, first in (
        ('rotary', 6, 6, 0),
        ('rotary of half the components, later positions', 8, 4, 3),
    ):
        positions = torch.arange(first, first + 5)
        angles = torch.outer(positions.double(), 100.0 ** -(torch.arange(0, turning, 2, dtype=torch.float64) / turning))
        tables = {'cos': angles.cos(), 'sin': angles.sin()}

        def turned(t: Tensors) -> torch.Tensor:
            cos, sin = (torch.cat((t[key], t[key]), -1)[None] for key in ('cos', 'sin'))
            return apply_rotary_pos_emb(t['x'], t['x'], cos, sin)[0]

        yield case(
            rng,
            name,
            'rotary',
            {'x': normal(rng, 2, 3, 5, size)},
            turned,
            {'theta': 100.0, 'rotaryDimensions': turning},
            {'positions': positions} | tables,
        )


def attentions(rng: numpy.random.Generator) -> Iterator[dict]:
    for name, heads, groups in (
        ('attention, two heads a group', 4, 2),
        ('attention, one group', 3, 1),
        ('attention, a group for each head', 2, 2),
    ):
        inputs = {
            'query': normal(rng, 2, heads, 5, 6),
            'key': normal(rng, 2, groups, 5, 6),
            'value': normal(rng, 2, groups, 5, 6),
        }
        yield case(
            rng,
            name,
            'attention',
            inputs,
            lambda t: functional.scaled_dot_product_attention(
                t['query'], t['key'], t['value'], is_causal=True, enable_gqa=True
            ),
            {'causal': True, 'scale': 1 / math.sqrt(6)},
        )


def activations(rng: numpy.random.Generator) -> Iterator[dict]:
    inputs = {'gate': normal(rng, 2, 3, 5, std=2.0), 'up': normal(rng, 2, 3, 5)}
    yield case(rng, 'swiGlu', 'swiGlu', inputs, lambda t: functional.silu(t['gate']) * t['up'])
    x = normal(rng, 2, 3, 5)
    x[0, 0] = torch.tensor([0.0, -1.0, 1.0, 2.0, -2.0])
    yield case(rng, 'squaredRelu, zero included', 'squaredRelu', {'x': x}, lambda t: functional.relu(t['x']).square())


def softmaxes(rng: numpy.random.Generator) -> Iterator[dict]:
    for op, function in (('softmax', functional.softmax), ('logSoftmax', functional.log_softmax)):
        for label, axis, scale in (
            ('last axis', 2, 1.0),
            ('middle axis', 1, 1.0),
            ('values in the hundreds', 2, 300.0),
        ):
            yield case(
                rng,
                f'{op}, {label}',
                op,
                {'x': normal(rng, 2, 4, 3, std=scale)},
                lambda t, axis=axis, function=function: function(t['x'], axis),
                {'axis': axis},
            )


def losses(rng: numpy.random.Generator) -> Iterator[dict]:
    shape, vocabulary = (2, 4), 7
    targets = torch.from_numpy(rng.integers(0, vocabulary, shape))
    mask = torch.tensor([[1, 1, 0, 1], [0, 1, 1, 0]], dtype=torch.float64)
    some = mask.bool()
    for name, valid, scale in (
        ('crossEntropy', torch.ones_like(mask), 1.5),
        ('crossEntropy, ignored positions', mask, 1.5),
        ('crossEntropy of logits in the hundreds', mask, 300.0),
    ):
        wanted = targets.masked_fill(valid == 0, -100)
        yield case(
            rng,
            name,
            'crossEntropy',
            {'logits': normal(rng, *shape, vocabulary, std=scale)},
            lambda t, wanted=wanted: functional.cross_entropy(
                t['logits'].flatten(0, 1), wanted.flatten(), ignore_index=-100
            ),
            constants={'targets': targets, 'mask': valid},
        )
    for op, temperature in (('forwardKl', 1.0), ('forwardKl', 2.0), ('reverseKl', 1.0), ('reverseKl', 2.0)):

        def divergence(t: Tensors, op: str = op, temperature: float = temperature) -> torch.Tensor:
            student, teacher = ((t[key][some] / temperature).log_softmax(-1) for key in ('student', 'teacher'))
            target, other = (teacher, student) if op == 'forwardKl' else (student, teacher)
            return functional.kl_div(other, target, log_target=True, reduction='batchmean')

        yield case(
            rng,
            f'{op}, ignored positions, temperature {temperature:g}',
            op,
            {'student': normal(rng, *shape, vocabulary, std=1.5)},
            divergence,
            {'temperature': temperature},
            {'teacher': normal(rng, *shape, vocabulary, std=1.5), 'mask': mask},
        )


def main() -> None:
    root = output_folder('Values and gradients of the named composites in float64.')
    rng = numpy.random.default_rng(SEED)
    families = (norms, rotaries, attentions, activations, softmaxes, losses)
    cases = [row for family in families for row in family(rng)]
    write_json(root / 'ops' / 'golden.json', {'about': ABOUT, 'versions': versions(), 'cases': cases})
    print(f'{len(cases)} cases')


if __name__ == '__main__':
    main()
