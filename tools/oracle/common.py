# What the oracle scripts share: one thread, seeded numbers, the tensor and JSON formats of the fixtures.
# Each script's own numbers stay in that script.
import argparse
import base64
import json
import sys
from pathlib import Path

import numpy
import torch
import transformers

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def output_folder(description: str) -> Path:
    """The fixtures folder named on the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('output', type=Path, help='the fixtures folder to write into')
    return parser.parse_args().output


def versions() -> dict[str, str]:
    return {'torch': torch.__version__.split('+')[0], 'transformers': transformers.__version__}


def load(folder: Path, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    """The model that transformers reads from a folder, or an exit with what does not fit."""
    model, info = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, local_files_only=True, output_loading_info=True, attn_implementation='eager'
    )
    problems = {name: sorted(map(str, found)) for name, found in info.items() if found}
    if problems:
        sys.exit(f'{folder} does not fit its config.json: {json.dumps(problems)}')
    return model.eval()


def normal(rng: numpy.random.Generator, *shape: int, std: float = 1.0, mean: float = 0.0) -> torch.Tensor:
    """Float64 normal numbers."""
    return torch.from_numpy(mean + std * rng.standard_normal(shape))


def packed(tensor: torch.Tensor) -> dict[str, object]:
    """A tensor as little-endian float32 bytes in base64."""
    data = tensor.detach().to(torch.float32).contiguous().numpy().astype('<f4').tobytes()
    return {'dtype': 'float32', 'shape': list(tensor.shape), 'base64': base64.b64encode(data).decode()}


def unpacked(value: dict) -> torch.Tensor:
    """The inverse of `packed`."""
    data = numpy.frombuffer(base64.b64decode(value['base64']), dtype='<f4')
    return torch.from_numpy(data.copy()).reshape(value['shape'])


def listed(tensor: torch.Tensor) -> dict[str, object]:
    """A tensor as its shape and its values in row-major order, printed so that they read back exactly."""
    return {'shape': list(tensor.shape), 'data': tensor.detach().reshape(-1).tolist()}


def write_json(path: Path, value: dict) -> None:
    """Objects one member a line, arrays of plain values on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_layout(value, '') + '\n')


def _layout(value: object, indent: str) -> str:
    inner = indent + '  '
    if isinstance(value, dict) and value:
        rows = [f'{inner}{json.dumps(key)}: {_layout(item, inner)}' for key, item in value.items()]
        return '{\n' + ',\n'.join(rows) + f'\n{indent}}}'
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return '[\n' + ',\n'.join(inner + _layout(item, inner) for item in value) + f'\n{indent}]'
    return json.dumps(value, allow_nan=False)
