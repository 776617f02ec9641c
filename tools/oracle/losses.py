# Every loss term and balancer of @espalier/plugins with its gradients, in float64, from PyTorch's own loss functions where it has
# them. "Models" here are their outputs: logits and states are the leaves that gradients are taken of.
import numpy
import torch
from torch.nn import functional

from common import listed, normal, output_folder, versions, write_json

SEED, BATCH, LENGTH = 47, 2, 4
# vocab, hidden, heads, kvHeads, headDim, layers
STUDENT = {'vocab': 11, 'hidden': 6, 'heads': 4, 'kvHeads': 2, 'headDim': 3, 'layers': 2}
TEACHER = {'vocab': 13, 'hidden': 8, 'heads': 4, 'kvHeads': 2, 'headDim': 4, 'layers': 3}
# The first sequence has a prompt of two tokens, the second one token of padding.
WEIGHTS = [0, 0, 1, 1, 1, 1, 1, 0]
PAIRS = [(0, 1), (1, 2)]
ABOUT = {
    'models': "[state] or [state.layer]: float32 numbers; the teacher's vocabulary has two rows of padding, which no loss reads",
    'projection': "weight [teacher's hidden, student's hidden] and bias, between states of the hidden size",
    'cases': (
        'value and gradients of the total by the student\'s leaves and the projection, those that are not zero everywhere; '
        'terms of states are means over the pairs of layers'
    ),
}


def leaves(rng: numpy.random.Generator, shape: dict) -> dict[str, torch.Tensor]:
    rows, hidden = BATCH * LENGTH, shape['hidden']
    widths = {
        'blockOutput': hidden,
        'ffnNorm': hidden,
        'attentionAdded': hidden,
        'queries': shape['heads'] * shape['headDim'],
        'keys': shape['kvHeads'] * shape['headDim'],
        'values': shape['kvHeads'] * shape['headDim'],
    }
    drawn = {'logits': normal(rng, rows, shape['vocab'], std=2), 'embedding': normal(rng, rows, hidden)}
    for layer in range(shape['layers']):
        for name, width in widths.items():
            drawn[f'{name}.{layer}'] = normal(rng, rows, width)
    return {name: value.float().double() for name, value in drawn.items()}


class Losses:
    def __init__(self, student, teacher, projection, targets, weights):
        self.student, self.teacher, self.targets = student, teacher, targets
        self.weight, self.bias = projection
        self.weights = weights

    def mean(self, per_row: torch.Tensor) -> torch.Tensor:
        return (per_row * self.weights).sum() / self.weights.sum()

    def logits(self, topK=None, **_):
        own, other = self.student['logits'], self.teacher['logits'][:, : STUDENT['vocab']]
        if topK is None:
            return own, other
        values, ids = torch.topk(other, topK, dim=-1)
        return own.gather(-1, ids), values

    def log_probabilities(self, temperature=1.0, **options):
        own, other = self.logits(**options)
        return functional.log_softmax(own / temperature, -1), functional.log_softmax(other / temperature, -1)

    def squared(self, value, temperature=1.0, scaleByTemperature=False, **_):
        return value * temperature**2 if scaleByTemperature else value

    def cross_entropy(self):
        return self.mean(functional.cross_entropy(self.student['logits'], self.targets, reduction='none'))

    def forward_kl(self, **options):
        log_q, log_p = self.log_probabilities(**options)
        per_row = functional.kl_div(log_q, log_p, reduction='none', log_target=True).sum(-1)
        return self.squared(self.mean(per_row), **options)

    def reverse_kl(self, **options):
        log_q, log_p = self.log_probabilities(**options)
        per_row = functional.kl_div(log_p, log_q, reduction='none', log_target=True).sum(-1)
        return self.squared(self.mean(per_row), **options)

    def jensen_shannon(self, beta=0.5, **options):
        log_q, log_p = self.log_probabilities(**options)
        log_m = (beta * log_p.exp() + (1 - beta) * log_q.exp()).log()
        forward = functional.kl_div(log_m, log_p, reduction='none', log_target=True).sum(-1)
        backward = functional.kl_div(log_m, log_q, reduction='none', log_target=True).sum(-1)
        return self.squared(self.mean(beta * forward + (1 - beta) * backward), **options)

    def logits_mse(self):
        return self.mean(functional.mse_loss(*self.logits(), reduction='none').mean(-1))

    def logits_cosine(self):
        return self.mean(1 - functional.cosine_similarity(*self.logits(), dim=-1))

    def state(self, name, pairs, distance='cosine'):
        total = 0
        for own, other in pairs:
            a, b = [f'{name}.{layer}' if layer is not None else name for layer in (own, other)]
            projected = functional.linear(self.student[a], self.weight, self.bias)
            if distance == 'mse':
                per_row = functional.mse_loss(projected, self.teacher[b], reduction='none').mean(-1)
            else:
                per_row = 1 - functional.cosine_similarity(projected, self.teacher[b], dim=-1)
            total = total + self.mean(per_row)
        return total / len(pairs)

    def relation(self, x: torch.Tensor, heads: int) -> list[torch.Tensor]:
        """Log relations of each row to the rows up to it: [B, A, t + 1] for t = 0, 1, ..."""
        cut = x.reshape(BATCH, LENGTH, heads, -1).transpose(1, 2)
        scores = cut @ cut.transpose(-1, -2) / cut.shape[-1] ** 0.5
        return [functional.log_softmax(scores[:, :, t, : t + 1], -1) for t in range(LENGTH)]

    def attention_relation(self, pairs, relationHeads=2):
        total = 0
        for own, other in pairs:
            for name in ('queries', 'keys', 'values'):
                log_q = self.relation(self.student[f'{name}.{own}'], relationHeads)
                log_p = self.relation(self.teacher[f'{name}.{other}'], relationHeads)
                per_row = [(p.exp() * (p - q)).sum(-1).mean(1) for p, q in zip(log_p, log_q)]
                total = total + self.mean(torch.stack(per_row, 1).reshape(-1))
        return total / len(pairs)

    def term(self, name: str, options: dict, pairs) -> torch.Tensor:
        states = {'block-output': 'blockOutput', 'mlp-input': 'ffnNorm', 'attention-output': 'attentionAdded'}
        if name in states:
            return self.state(states[name], pairs, **options)
        if name == 'embedding-output':
            return self.state('embedding', [(None, None)], **options)
        if name == 'attention-relation':
            return self.attention_relation(pairs, **options)
        return getattr(self, name.replace('-', '_'))(**options)


def static(terms):
    return sum(weight * value for weight, _group, value in terms)


def group(terms, name):
    own = [weight * value for weight, kind, value in terms if kind == name]
    return sum(own) if own else None


def dynamic_alpha(terms):
    data, logits, states = (group(terms, name) for name in ('data', 'logits', 'states'))
    total = logits + states * (logits.detach() / states.detach())
    return total if data is None else data + total


def lm_loss(terms, scale=1.0):
    data, logits, states = (group(terms, name) for name in ('data', 'logits', 'states'))
    distillation = logits if states is None else logits + states * (logits.detach() / states.detach())
    return data + distillation * (data.detach() / distillation.detach()) * scale


BALANCERS = {'static': static, 'dynamic-alpha': dynamic_alpha, 'lm-loss': lm_loss}
LOGIT_TERMS = ('forward-kl', 'reverse-kl', 'jensen-shannon', 'logits-mse', 'logits-cosine')


def kind_of(name: str) -> str:
    return 'data' if name == 'cross-entropy' else 'logits' if name in LOGIT_TERMS else 'states'


def one(name: str, **options) -> dict:
    return {'losses': [{'name': name, 'weight': 1, 'options': options}]}


def several(balancer: str, losses: list, mapping=None, **options) -> dict:
    case = {
        'losses': [{'name': name, 'weight': weight, 'options': {}} for name, weight in losses],
        'balancer': {'name': balancer, 'options': options},
    }
    return case if mapping is None else {**case, 'mapping': mapping}


CASES = [
    one('cross-entropy'),
    one('forward-kl'),
    one('forward-kl', temperature=2.0),
    one('forward-kl', temperature=2.0, scaleByTemperature=True),
    one('forward-kl', topK=4),
    one('forward-kl', topK=3, temperature=0.5, scaleByTemperature=True),
    one('reverse-kl'),
    one('reverse-kl', temperature=3.0, scaleByTemperature=True),
    one('reverse-kl', topK=4),
    one('jensen-shannon'),
    one('jensen-shannon', beta=0.1, temperature=2.0),
    one('jensen-shannon', beta=0.9, topK=5),
    one('logits-mse'),
    one('logits-cosine'),
    *[
        one(name, distance=distance)
        for name in ('block-output', 'mlp-input', 'attention-output', 'embedding-output')
        for distance in ('cosine', 'mse')
    ],
    one('attention-relation'),
    one('attention-relation', relationHeads=1),
    several('static', [('forward-kl', 1), ('block-output', 0.5)]),
    several('dynamic-alpha', [('forward-kl', 1), ('block-output', 1)], {'name': 'from-last', 'options': {'back': 1}}),
    several('dynamic-alpha', [('forward-kl', 1), ('block-output', 1), ('embedding-output', 2)]),
    several('dynamic-alpha', [('cross-entropy', 0.5), ('forward-kl', 1), ('mlp-input', 1)]),
    several('lm-loss', [('cross-entropy', 1), ('forward-kl', 1), ('block-output', 1)]),
    several('lm-loss', [('cross-entropy', 1), ('reverse-kl', 2)], scale=0.5),
    several(
        'static',
        [('block-output', 1)],
        {'name': 'explicit', 'options': {'pairs': [{'student': 1, 'teacher': 0}, {'student': 0, 'teacher': 2}]}},
    ),
]


def pairs_of(case: dict) -> list[tuple[int, int]]:
    mapping = case.get('mapping')
    if mapping is None:
        return PAIRS
    if mapping['name'] == 'explicit':
        return [(pair['student'], pair['teacher']) for pair in mapping['options']['pairs']]
    back = mapping['options']['back']
    return [(STUDENT['layers'] - 1 - back, TEACHER['layers'] - 1 - back)]


def main() -> None:
    output = output_folder('Loss terms, balancers and their gradients.')
    rng = numpy.random.default_rng(SEED)
    student, teacher = leaves(rng, STUDENT), leaves(rng, TEACHER)
    projection = {
        'weight': normal(rng, TEACHER['hidden'], STUDENT['hidden'], std=0.4).float().double(),
        'bias': normal(rng, TEACHER['hidden'], std=0.1).float().double(),
    }
    targets = torch.from_numpy(rng.integers(0, STUDENT['vocab'], BATCH * LENGTH))
    weights = torch.tensor(WEIGHTS, dtype=torch.float64)
    variables = {**student, **{f'projection/{name}': value for name, value in projection.items()}}
    results = []
    for case in CASES:
        for value in variables.values():
            value.requires_grad_(True).grad = None
        losses = Losses(student, teacher, (projection['weight'], projection['bias']), targets, weights)
        terms = [
            (own['weight'], kind_of(own['name']), losses.term(own['name'], own['options'], pairs_of(case)))
            for own in case['losses']
        ]
        balancer = case.get('balancer', {'name': 'static', 'options': {}})
        total = BALANCERS[balancer['name']](terms, **balancer['options'])
        total.backward()
        gradients = {name: listed(value.grad) for name, value in variables.items() if value.grad is not None}
        results.append({**case, 'value': total.item(), 'gradients': gradients})
    write_json(
        output / 'losses' / 'golden.json',
        {
            'about': {**ABOUT},
            'versions': versions(),
            'batch': BATCH,
            'length': LENGTH,
            'targets': targets.tolist(),
            'weights': WEIGHTS,
            'student': {'shape': STUDENT, 'leaves': {name: listed(value) for name, value in student.items()}},
            'teacher': {'shape': TEACHER, 'leaves': {name: listed(value) for name, value in teacher.items()}},
            'projection': {name: listed(value) for name, value in projection.items()},
            'cases': results,
        },
    )


if __name__ == '__main__':
    main()
