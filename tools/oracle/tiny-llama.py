# Two random Llama checkpoints as transformers saves them, with golden logits.
# tiny-llama: untied, explicit head_dim, llama3 rotary scaling, F32. tiny-llama-tied: tied, plain rotary, BF16.
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from common import normal, output_folder, packed, unpacked, versions, write_json
from plain_llama import PlainLlama, rope_frequencies

TINY = LlamaConfig(
    vocab_size=96,
    hidden_size=32,
    intermediate_size=44,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=12,
    max_position_embeddings=256,
    rms_norm_eps=1e-5,
    tie_word_embeddings=False,
    # A context of 32 puts wavelengths 6.3, 17.7 and 49.9+ into the kept, blended and divided ranges (limits 8 and 32).
    rope_parameters={
        'rope_type': 'llama3',
        'rope_theta': 500.0,
        'factor': 8.0,
        'low_freq_factor': 1.0,
        'high_freq_factor': 4.0,
        'original_max_position_embeddings': 32,
    },
)
TIED = LlamaConfig(
    vocab_size=80,
    hidden_size=32,
    intermediate_size=40,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=4,
    max_position_embeddings=64,
    rms_norm_eps=1e-6,
    tie_word_embeddings=True,
    rope_parameters={'rope_type': 'default', 'rope_theta': 10000.0},
)
SEEDS = {'tiny-llama': 11, 'tiny-llama-tied': 12}


def random_weights(model: LlamaForCausalLM, rng: numpy.random.Generator) -> None:
    """Matrices of deviation 0.3, norm weights scattered about 1, so that nothing comes out near uniform."""
    with torch.no_grad():
        for parameter in model.parameters():
            matrix = parameter.dim() == 2
            parameter.copy_(normal(rng, *parameter.shape, std=0.3, mean=0.0 if matrix else 1.0))


def golden(folder: Path, rng: numpy.random.Generator) -> dict:
    """Logits of the saved checkpoint, read back and run in float32."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation='eager').eval()
    ids = torch.from_numpy(rng.integers(0, model.config.vocab_size, (2, 24)))
    states = []
    taps = [model.model.embed_tokens, *model.model.layers, model.model.norm]
    hooks = [tap.register_forward_hook(lambda _module, _inputs, output: states.append(output)) for tap in taps]
    with torch.no_grad():
        logits = model(ids).logits
    for hook in hooks:
        hook.remove()
    agree(model, ids, logits)
    names = ['embedding', *(f'layer.{index}' for index in range(len(model.model.layers))), 'finalNorm']
    loss = functional.cross_entropy(logits[:, :-1].double().flatten(0, 1), ids[:, 1:].flatten())
    note = (
        'float32 run of the saved weights; crossEntropy: mean over ids[:, 1:], each given the ids before it in its row'
    )
    return {
        'about': note,
        'versions': versions(),
        'ids': ids.tolist(),
        'inverseFrequencies': rope_frequencies(model.config.rope_parameters, model.config.head_dim).tolist(),
        'crossEntropy': loss.item(),
        'logits': packed(logits),
        'hiddenStatesOfRow0': {name: packed(state[0]) for name, state in zip(names, states, strict=True)},
    }


def agree(model: LlamaForCausalLM, ids: torch.Tensor, logits: torch.Tensor) -> None:
    """The plain float64 model must give what transformers gives."""
    plain = PlainLlama(model.config).double()
    plain.load_state_dict(model.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(plain(ids).float(), logits, rtol=1e-4, atol=1e-4)


def legacy(config: dict) -> dict:
    """The configuration as transformers 4 has it: `rope_theta`, `rope_scaling`, `torch_dtype`, no default head_dim."""
    rope = dict(config['rope_parameters'])
    rest = {key: value for key, value in config.items() if key not in ('rope_parameters', 'dtype')}
    if config['head_dim'] * config['num_attention_heads'] == config['hidden_size']:
        del rest['head_dim']
    theta = rope.pop('rope_theta')
    scaling = None if rope['rope_type'] == 'default' else rope
    return {**rest, 'rope_theta': theta, 'rope_scaling': scaling, 'torch_dtype': config['dtype']}


def write_legacy(folder: Path, expected: dict) -> None:
    """Writes config.v4.json, after seeing that transformers reads the same model from it."""
    config = json.loads((folder / 'config.json').read_text())
    text = json.dumps(legacy(config), indent=2) + '\n'
    with TemporaryDirectory() as other:
        shutil.copy(folder / 'model.safetensors', other)
        (Path(other) / 'config.json').write_text(text)
        model = AutoModelForCausalLM.from_pretrained(other, dtype=torch.float32, attn_implementation='eager').eval()
    with torch.no_grad():
        logits = model(torch.tensor(expected['ids'])).logits
    torch.testing.assert_close(logits, unpacked(expected['logits']), rtol=0, atol=0)
    (folder / 'config.v4.json').write_text(text)


def main() -> None:
    root = output_folder('Two random Llama checkpoints with golden logits.')
    for name, config, dtype in (('tiny-llama', TINY, torch.float32), ('tiny-llama-tied', TIED, torch.bfloat16)):
        rng = numpy.random.default_rng(SEEDS[name])
        model = LlamaForCausalLM(config)
        random_weights(model, rng)
        model.to(dtype).save_pretrained(root / name)
        expected = golden(root / name, rng)
        write_json(root / name / 'golden.json', expected)
        write_legacy(root / name, expected)


if __name__ == '__main__':
    main()
