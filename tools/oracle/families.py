# A tiny random checkpoint of every model family as transformers saves it, with golden logits: of the checkpoint, and of the
# folders that Espalier's exporter writes after pruning each axis (prune-families.mjs, which needs `npm ci` to have been run).
import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
import torch
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    MistralConfig,
    NemotronConfig,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
)

from common import load, normal, output_folder, packed, versions, write_json

SIZES = {
    'vocab_size': 40,
    'hidden_size': 16,
    'intermediate_size': 20,
    'num_hidden_layers': 4,
    'num_attention_heads': 4,
    'num_key_value_heads': 2,
    'max_position_embeddings': 64,
}
LLAMA31 = {
    'rope_type': 'llama3',
    'rope_theta': 500.0,
    'factor': 8.0,
    'low_freq_factor': 1.0,
    'high_freq_factor': 4.0,
    'original_max_position_embeddings': 32,
}
FAMILIES = {
    # Llama 2: a key/value head for every head, no head_dim of its own.
    'llama-2': LlamaConfig(**{**SIZES, 'num_key_value_heads': 4}, rms_norm_eps=1e-5),
    'llama-3': LlamaConfig(**SIZES, rms_norm_eps=1e-5, rope_parameters={'rope_type': 'default', 'rope_theta': 500.0}),
    'llama-3.1': LlamaConfig(**SIZES, head_dim=8, rms_norm_eps=1e-5, rope_parameters=LLAMA31),
    'llama-3.2': LlamaConfig(
        **SIZES, head_dim=8, rms_norm_eps=1e-5, tie_word_embeddings=True, rope_parameters={**LLAMA31, 'factor': 32.0}
    ),
    # A window of 8 tokens, the length of the sequences.
    'mistral': MistralConfig(**SIZES, head_dim=8, sliding_window=8),
    'nemotron': NemotronConfig(**SIZES, head_dim=8, rope_parameters={'rope_type': 'default', 'rope_theta': 100.0, 'partial_rotary_factor': 0.5}),
    'qwen2': Qwen2Config(**SIZES, tie_word_embeddings=True),
    'qwen3': Qwen3Config(**SIZES, head_dim=8),
}
SEED = 21


def random_weights(model: torch.nn.Module, rng: numpy.random.Generator) -> None:
    """Matrices and biases of deviation 0.3; norm weights scattered about a scale of 1, which Nemotron stores as 0."""
    middle = 0.0 if model.config.model_type == 'nemotron' else 1.0
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            norm = parameter.dim() == 1 and name.endswith('.weight')
            parameter.copy_(normal(rng, *parameter.shape, std=0.3, mean=middle if norm else 0.0))


def logits(folder: Path, ids: list) -> dict:
    with torch.no_grad():
        return packed(load(folder)(torch.tensor(ids)).logits)


def make(folder: Path, config: PreTrainedConfig, rng: numpy.random.Generator) -> list:
    """Saves a checkpoint in BF16, which float32 holds exactly; gives the ids to compute logits of."""
    model = AutoModelForCausalLM.from_config(config)
    random_weights(model, rng)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / 'generation_config.json').unlink()
    return rng.integers(0, config.vocab_size, (2, 8)).tolist()


def main() -> None:
    root = output_folder('A tiny checkpoint of every family, with golden logits before and after pruning.') / 'families'
    ids = {}
    for name, config in FAMILIES.items():
        ids[name] = make(root / name, config, numpy.random.default_rng([SEED, *name.encode()]))
    with TemporaryDirectory() as pruned:
        command = ['node', str(Path(__file__).parent / 'prune-families.mjs'), str(root), pruned]
        subprocess.run(command, check=True)
        for name in FAMILIES:
            plans = json.loads((Path(pruned) / f'{name}.json').read_text())
            cuts = [
                {'cut': cut, 'plan': plan, 'logits': logits(Path(pruned) / name / cut, ids[name])}
                for cut, plan in plans.items()
            ]
            about = 'float32 logits of ids: of the checkpoint, and of the folder exported after each plan was applied'
            whole = {'ids': ids[name], 'logits': logits(root / name, ids[name])}
            write_json(root / name / 'golden.json', {'about': about, 'versions': versions(), **whole, 'cuts': cuts})


if __name__ == '__main__':
    main()
