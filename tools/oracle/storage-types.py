# One safetensors file with a tensor of every storage type, written by the reference implementation, and float32 numbers with
# the half and bfloat16 bits that PyTorch rounds them to: random ones, midpoints between neighbours, and the edges.
import base64

import numpy
import torch
from safetensors.torch import save_file

from common import output_folder, versions, write_json

TYPES = {
    'F64': torch.float64,
    'F32': torch.float32,
    'F16': torch.float16,
    'BF16': torch.bfloat16,
    'I64': torch.int64,
    'I32': torch.int32,
    'I16': torch.int16,
    'I8': torch.int8,
    'U8': torch.uint8,
    'BOOL': torch.bool,
}
EDGES = [0.0, -0.0, 65504.0, 65519.0, 65520.0, 65536.0, 3.4028235e38, 2.0**-14, 2.0**-24, 2.0**-25, 2.0**-26, 1e-45]


def main() -> None:
    output = output_folder('Write a safetensors file of every type, and golden roundings.')
    output.mkdir(parents=True, exist_ok=True)
    values = torch.tensor([[0.0, 1.0, 1.5], [0.099975586, 3.0, 100.0]], dtype=torch.float64)
    tensors = {name.lower(): values.to(dtype) for name, dtype in TYPES.items()}
    tensors |= {'scalar': torch.tensor(2.5), 'empty': torch.zeros(0, 4)}
    save_file(tensors, output / 'every-type.safetensors', metadata={'purpose': 'every type'})

    rng = numpy.random.default_rng(260)
    halves = rng.integers(0, 0x7C00, 200, dtype=numpy.uint16).view(numpy.float16).astype(numpy.float32)
    following = numpy.nextafter(halves.astype(numpy.float16), numpy.float16(numpy.inf)).astype(numpy.float32)
    singles = numpy.concatenate(
        [
            numpy.array(EDGES + [-value for value in EDGES], numpy.float32),
            rng.standard_normal(200).astype(numpy.float32),
            (halves + numpy.where(numpy.isinf(following), halves, following)) / numpy.float32(2),
            rng.integers(0, 0x7F800000, 200, dtype=numpy.uint32).view(numpy.float32),
        ]
    )
    given = torch.from_numpy(singles)
    write_json(
        output / 'storage-types.json',
        {
            'about': 'float32 numbers, and the bits that rounding to half and to bfloat16 gives; little-endian, base64',
            'versions': versions() | {'numpy': numpy.__version__},
            'every-type': {name: tensor.to(torch.float64).tolist() for name, tensor in tensors.items()},
            'float32': base64.b64encode(singles.astype('<f4').tobytes()).decode(),
            'F16': base64.b64encode(given.to(torch.float16).view(torch.int16).numpy().tobytes()).decode(),
            'BF16': base64.b64encode(given.to(torch.bfloat16).view(torch.int16).numpy().tobytes()).decode(),
        },
    )


if __name__ == '__main__':
    main()
