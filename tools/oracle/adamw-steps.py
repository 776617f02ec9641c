# 20 AdamW steps of tiny-llama on fixed batches: by cross-entropy, and by distillation into a sliced student.
# float32 runs are transformers' model with torch's optimiser; float64 runs are plain_llama.py. Needs tiny-llama first.
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from common import output_folder, packed, versions, write_json
from plain_llama import PlainLlama

SEED, STEPS, BATCH, LENGTH = 21, 20, 4, 16
OPTIMISER = {'betas': [0.9, 0.95], 'eps': 1e-8, 'weightDecay': 0.1, 'clipNorm': 1.0}
SCHEDULE = {'peak': 1e-2, 'min': 1e-3, 'warmup': 4, 'total': STEPS}
KEEP = {'hidden': list(range(24)), 'ffn': list(range(22)), 'heads': [0, 2], 'headDim': 12}
ABOUT = {
    'batches': 'ids[step] is [4, 17]: inputs = ids[:, :-1], targets = ids[:, 1:], no token ignored',
    'schedule': (
        'step < warmup: peak * (step + 1) / warmup; then min + 0.5 * (peak - min) * (1 + cos(pi * (step - warmup) / '
        '(total - warmup)))'
    ),
    'clipping': 'gradients times min(1, clipNorm / (norm + 1e-6)), norm over all parameters together',
    'adamw': (
        'w *= 1 - lr * weightDecay (matrices only, embeddings included); m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) '
        'g^2; w -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps), t = step + 1'
    ),
    'steps': "losses and gradientNorms (before clipping) are of the weights before that step's update",
    'distillation': (
        'student = teacher sliced by keep (heads: rows of q_proj, columns of o_proj; same ffn in every layer); loss = '
        'mean over tokens of sum_v p_teacher * (log p_teacher - log p_student)'
    ),
}

Loss = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


def learning_rate(step: int) -> float:
    peak, low, warmup, total = (SCHEDULE[name] for name in ('peak', 'min', 'warmup', 'total'))
    if step < warmup:
        return peak * (step + 1) / warmup
    return low + 0.5 * (peak - low) * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def make_batches() -> torch.Tensor:
    """Ids [steps, batch, length + 1] of a noisy chain: there is something to learn, so the losses fall."""
    rng = numpy.random.default_rng(SEED)
    ids = rng.integers(0, 96, (STEPS, BATCH, LENGTH + 1))
    noise = rng.integers(0, 4, ids.shape)
    for column in range(1, LENGTH + 1):
        ids[:, :, column] = (5 * ids[:, :, column - 1] + noise[:, :, column]) % 96
    return torch.from_numpy(ids)


def logits_of(model: nn.Module, ids: torch.Tensor) -> torch.Tensor:
    return model(ids).logits if isinstance(model, LlamaForCausalLM) else model(ids)


def cross_entropy(model: nn.Module, ids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits_of(model, ids).flatten(0, 1), targets.flatten())


def forward_kl(teacher: nn.Module) -> Loss:
    def loss(model: nn.Module, ids: torch.Tensor, _targets: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            expected = logits_of(teacher, ids).flatten(0, 1).log_softmax(-1)
        actual = logits_of(model, ids).flatten(0, 1).log_softmax(-1)
        return functional.kl_div(actual, expected, log_target=True, reduction='batchmean')

    return loss


def train(model: nn.Module, loss: Loss, batches: torch.Tensor) -> Iterator[tuple[float, float]]:
    """Yields each step's loss and gradient norm, with the raw gradients still in place at step 0."""
    decay = {True: OPTIMISER['weightDecay'], False: 0.0}
    groups = [
        {'params': [p for p in model.parameters() if (p.dim() == 2) == matrix], 'weight_decay': decay[matrix]}
        for matrix in decay
    ]
    adamw = torch.optim.AdamW(groups, betas=tuple(OPTIMISER['betas']), eps=OPTIMISER['eps'], foreach=False)
    for step, ids in enumerate(batches):
        adamw.zero_grad()
        value = loss(model, ids[:, :-1], ids[:, 1:])
        value.backward()
        norm = nn.utils.get_total_norm([p.grad for p in model.parameters()])
        yield value.item(), norm.item()
        nn.utils.clip_grad_norm_(model.parameters(), OPTIMISER['clipNorm'])
        for group in adamw.param_groups:
            group['lr'] = learning_rate(step)
        adamw.step()


def curves(rows: list[tuple[float, float]]) -> dict[str, list[float]]:
    return {'losses': [row[0] for row in rows], 'gradientNorms': [row[1] for row in rows]}


def sliced(teacher: LlamaForCausalLM) -> LlamaForCausalLM:
    """The student: the teacher's weights cut to KEEP, kept indices in their original order."""
    size = KEEP['headDim']
    hidden, ffn = KEEP['hidden'], KEEP['ffn']
    heads = [head * size + channel for head in KEEP['heads'] for channel in range(size)]
    cuts = {
        'q_proj': (heads, hidden),
        'k_proj': (None, hidden),
        'v_proj': (None, hidden),
        'o_proj': (hidden, heads),
        'gate_proj': (ffn, hidden),
        'up_proj': (ffn, hidden),
        'down_proj': (hidden, ffn),
        'embed_tokens': (None, hidden),
        'lm_head': (None, hidden),
    }
    weights = {}
    for name, weight in teacher.state_dict().items():
        rows, columns = cuts.get(name.split('.')[-2], (hidden, None))
        weight = weight if rows is None else weight[rows]
        weights[name] = weight if columns is None else weight[:, columns]
    fields = teacher.config.to_dict() | {
        'hidden_size': len(hidden),
        'intermediate_size': len(ffn),
        'num_attention_heads': len(KEEP['heads']),
    }
    student = LlamaForCausalLM._from_config(LlamaConfig(**fields), attn_implementation='eager')
    student.load_state_dict(weights)
    return student


def doubled(model: LlamaForCausalLM) -> PlainLlama:
    plain = PlainLlama(model.config).double()
    plain.load_state_dict(model.state_dict())
    return plain


def language_model_steps(load: Callable[[], LlamaForCausalLM], batches: torch.Tensor) -> dict:
    model = load()
    steps = train(model, cross_entropy, batches)
    first = next(steps)
    gradients = {
        name: packed(parameter.grad)
        for name, parameter in model.named_parameters()
        if parameter.dim() == 1 or name == 'model.layers.0.self_attn.q_proj.weight'
    }
    return {
        'float32': curves([first, *steps]),
        'float64': curves(list(train(doubled(load()), cross_entropy, batches))),
        'gradientsAtStep0': gradients,
    }


def distillation_steps(load: Callable[[], LlamaForCausalLM], batches: torch.Tensor) -> dict:
    teacher, student = load(), sliced(load())
    with torch.no_grad():
        first = logits_of(student, batches[0, :1, :-1])
    plain = doubled(student)
    return {
        'keep': KEEP,
        'float32': curves(list(train(student, forward_kl(teacher), batches))),
        'float64': curves(list(train(plain, forward_kl(doubled(teacher)), batches))),
        'studentLogitsOfStep0Row0': packed(first),
    }


def report(name: str, part: dict) -> None:
    pairs = zip(part['float32']['losses'], part['float64']['losses'], strict=True)
    worst = max(abs(single - double) / double for single, double in pairs)
    losses = part['float32']['losses']
    print(f'{name}: {losses[0]:.4f} -> {losses[-1]:.4f}, float32 against float64 at most {worst:.1e} relative')


def main() -> None:
    root = output_folder('20 AdamW steps of tiny-llama, by cross-entropy and by distillation.')
    checkpoint: Path = root / 'tiny-llama'

    def load() -> LlamaForCausalLM:
        return AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation='eager')

    batches = make_batches()
    training, distillation = language_model_steps(load, batches), distillation_steps(load, batches)
    report('cross-entropy', training)
    report('distillation', distillation)
    write_json(
        root / 'adamw-steps' / 'golden.json',
        {
            'about': ABOUT,
            'versions': versions(),
            'checkpoint': '../tiny-llama',
            'optimiser': OPTIMISER,
            'schedule': SCHEDULE,
            'learningRates': [learning_rate(step) for step in range(STEPS)],
            'ids': batches.tolist(),
            'training': training,
            'distillation': distillation,
        },
    )


if __name__ == '__main__':
    main()
