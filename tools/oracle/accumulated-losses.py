# Four AdamW steps of distillation on documents of uneven lengths and prompts, each step as one batch: what a step of several
# micro-batches must report too. float64, plain_llama.py under torch's optimiser. Needs tiny-llama first.
import copy
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModelForCausalLM

from common import output_folder, versions, write_json
from plain_llama import PlainLlama

SEED, BATCH, LENGTH, RATE, TEMPERATURE = 31, 4, 16, 0.01, 2.0
WEIGHTS = {'forward-kl': 0.7, 'cross-entropy': 0.3}
# Nothing counts in the last two documents of the third step, nor in the third of the last: they are all prompt.
LENGTHS = [17, 5, 3, 12, 2, 16, 9, 4, 17, 17, 6, 3, 2, 2, 13, 8]
PROMPTS = [0, 2, 0, 5, 0, 10, 0, 1, 3, 0, 6, 3, 0, 0, 13, 7]
ABOUT = {
    'student': "the teacher (../tiny-llama) without its last layer",
    'documents': 'inputs = ids[:-1], targets = ids[1:]; the prediction of token i counts where i >= prompt',
    'losses': (
        'means over the predictions of the step that count: forward-kl = T^2 * sum_v p_teacher * (log p_teacher - log '
        'p_student) at temperature T, cross-entropy, and loss = 0.7 * forward-kl + 0.3 * cross-entropy'
    ),
    'adamw': 'betas 0.9 and 0.95, eps 1e-8, weight decay 0.1 on matrices, constant rate, gradients clipped to norm 1',
}


def documents() -> list[dict]:
    rng = numpy.random.default_rng(SEED)
    return [
        {'ids': rng.integers(0, 96, length).tolist(), 'prompt': prompt}
        for length, prompt in zip(LENGTHS, PROMPTS, strict=True)
    ]


def batch(rows: list[dict]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    ids = torch.zeros(len(rows), LENGTH, dtype=torch.long)
    targets, counts = torch.zeros_like(ids), torch.zeros(len(rows), LENGTH, dtype=torch.bool)
    for row, document in enumerate(rows):
        size = len(document['ids']) - 1
        ids[row, :size] = torch.tensor(document['ids'][:-1])
        targets[row, :size] = torch.tensor(document['ids'][1:])
        counts[row, :size] = torch.arange(1, size + 1) >= document['prompt']
    return ids, targets, counts


def without_last_layer(model: nn.Module) -> PlainLlama:
    config = copy.deepcopy(model.config)
    config.num_hidden_layers -= 1
    if getattr(config, 'layer_types', None):
        config.layer_types = config.layer_types[:-1]
    student = PlainLlama(config).double()
    known = student.state_dict().keys()
    student.load_state_dict({name: weight for name, weight in model.state_dict().items() if name in known})
    return student


def losses_of(student: nn.Module, teacher: nn.Module, rows: list[dict]) -> dict[str, torch.Tensor]:
    ids, targets, counts = batch(rows)
    with torch.no_grad():
        expected = (teacher(ids)[counts] / TEMPERATURE).log_softmax(-1)
    logits = student(ids)[counts]
    actual = (logits / TEMPERATURE).log_softmax(-1)
    return {
        'forward-kl': TEMPERATURE**2 * functional.kl_div(actual, expected, log_target=True, reduction='batchmean'),
        'cross-entropy': functional.cross_entropy(logits, targets[counts]),
    }


def main() -> None:
    root = output_folder('Reported losses of steps whose documents are of uneven lengths.')
    checkpoint: Path = root / 'tiny-llama'
    loaded = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation='eager')
    teacher = PlainLlama(loaded.config).double()
    teacher.load_state_dict(loaded.state_dict())
    student = without_last_layer(loaded)
    groups = [
        {'params': [p for p in student.parameters() if (p.dim() == 2) == matrix], 'weight_decay': 0.1 if matrix else 0.0}
        for matrix in (True, False)
    ]
    adamw = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.95), eps=1e-8, foreach=False)
    given, steps = documents(), []
    for start in range(0, len(given), BATCH):
        adamw.zero_grad()
        terms = losses_of(student, teacher, given[start : start + BATCH])
        loss = sum(WEIGHTS[name] * value for name, value in terms.items())
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        adamw.step()
        steps.append({'loss': loss.item(), **{f'loss/{name}': value.item() for name, value in terms.items()}})
    with torch.no_grad():
        ids, targets, counts = batch(given)
        validation = functional.cross_entropy(student(ids)[counts], targets[counts]).item()
    print(*(f'{step["loss"]:.5f}' for step in steps))
    write_json(
        root / 'accumulated-losses' / 'golden.json',
        {
            'about': ABOUT,
            'versions': versions(),
            'batch': BATCH,
            'length': LENGTH,
            'rate': RATE,
            'temperature': TEMPERATURE,
            'weights': WEIGHTS,
            'documents': given,
            'steps': steps,
            'validationAfterwards': validation,
        },
    )


if __name__ == '__main__':
    main()
