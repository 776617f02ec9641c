# Wanda and first-order Taylor importance of transformers' tiny-llama, from hooks and autograd. Needs tiny-llama first.
import numpy
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from common import output_folder, versions, write_json
from importance import BATCH, CALLS, LENGTH, SEED

ABOUT = {
    'layout': 'the ids of golden.json; the target of a token is the next one, and 0 for the last of each sequence',
    'wanda': 'sum over outputs i of |W_ij| * norm_j, norm_j over all tokens; heads summed over channels, hidden over q, k, v, gate, up',
    'taylor': (
        'sum over sequences of |dL/dgate|, L the mean cross-entropy of the sequence, a gate of 1 multiplying the unit: ffn and '
        'heads at the inputs of down_proj and o_proj; hidden at the outputs of both norms, summed over the norms; attention and '
        'feedForward at the outputs of o_proj and down_proj; layers: one gate on both'
    ),
}


def wanda(model: LlamaForCausalLM, ids: torch.Tensor) -> dict:
    squares: dict[str, torch.Tensor] = {}

    def hook(name: str):
        def add(_module, inputs):
            x = inputs[0].double().flatten(0, 1)
            squares[name] = squares.get(name, 0) + x.square().sum(0)

        return add

    linears = {name: module for name, module in model.named_modules() if name.endswith('_proj')}
    handles = [module.register_forward_pre_hook(hook(name)) for name, module in linears.items()]
    with torch.no_grad():
        model(ids)
    for handle in handles:
        handle.remove()
    columns = {n: linear.weight.detach().double().abs().sum(0) * squares[n].sqrt() for n, linear in linears.items()}
    size = model.config.head_dim
    return {
        'ffn': [own.tolist() for name, own in columns.items() if 'down_proj' in name],
        'heads': [own.view(-1, size).sum(1).tolist() for name, own in columns.items() if 'o_proj' in name],
        'hidden': sum(own for name, own in columns.items() if name.split('.')[-1][0] in 'qkvgu').tolist(),
    }


def taylor(model: LlamaForCausalLM, ids: torch.Tensor) -> dict:
    """One gate per sequence, place and unit; every module's value is multiplied by its gate on the way."""
    config, sequences = model.config, ids.shape[0]
    gates: dict[str, torch.Tensor] = {}

    def gate(name: str, units: int) -> torch.Tensor:
        return gates.setdefault(name, torch.ones(sequences, 1, units, dtype=torch.float64, requires_grad=True))

    def before(name: str, units: int):
        def scale(_module, inputs):
            x = inputs[0]
            own = gate(name, units).repeat_interleave(x.shape[-1] // units, dim=-1)
            return (x * own,)

        return scale

    def after(*names: tuple[str, int]):
        def scale(_module, _inputs, output):
            for name, units in names:
                output = output * gate(name, units)
            return output

        return scale

    for index, layer in enumerate(model.model.layers):
        heads, ffn, hidden = config.num_attention_heads, config.intermediate_size, config.hidden_size
        layer.mlp.down_proj.register_forward_pre_hook(before(f'ffn.{index}', ffn))
        layer.self_attn.o_proj.register_forward_pre_hook(before(f'heads.{index}', heads))
        layer.input_layernorm.register_forward_hook(after((f'hidden.{index}.attention', hidden)))
        layer.post_attention_layernorm.register_forward_hook(after((f'hidden.{index}.ffn', hidden)))
        layer.self_attn.o_proj.register_forward_hook(after((f'attention.{index}', 1), (f'layers.{index}', 1)))
        layer.mlp.down_proj.register_forward_hook(after((f'feedForward.{index}', 1), (f'layers.{index}', 1)))

    targets = functional.pad(ids[:, 1:], (0, 1))
    logits = model(ids).logits
    losses = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction='none')
    losses.view(ids.shape).mean(dim=1).sum().backward()
    scores = {name: own.grad.flatten(1).abs().sum(0) for name, own in gates.items()}
    layers = range(config.num_hidden_layers)
    return {
        **{axis: [scores[f'{axis}.{layer}'].tolist() for layer in layers] for axis in ('ffn', 'heads')},
        'hidden': sum(scores[f'hidden.{layer}.{kind}'] for layer in layers for kind in ('attention', 'ffn')).tolist(),
        **{
            axis: [scores[f'{axis}.{layer}'].item() for layer in layers]
            for axis in ('layers', 'attention', 'feedForward')
        },
    }


def main() -> None:
    root = output_folder('Wanda and Taylor scores of tiny-llama.')
    model = AutoModelForCausalLM.from_pretrained(
        root / 'tiny-llama', dtype=torch.float64, attn_implementation='eager'
    ).eval()
    ids = torch.from_numpy(numpy.random.default_rng(SEED).integers(0, 96, (CALLS, BATCH, LENGTH))).flatten(0, 1)
    write_json(
        root / 'importance' / 'alternatives.json',
        {
            'about': ABOUT,
            'versions': versions(),
            'checkpoint': '../tiny-llama',
            'ids': ids.tolist(),
            'wanda': wanda(model, ids),
            'taylor': taylor(model, ids),
        },
    )


if __name__ == '__main__':
    main()
