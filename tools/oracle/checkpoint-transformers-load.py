# Loads a folder with transformers and prints its logits: the check by hand that an export is an ordinary checkpoint.
# Exits with 1 when weights are missing, left over or of another shape, or when golden logits differ by more than asked.
import argparse
import json
import sys
from pathlib import Path

import torch

from common import load, unpacked


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Print the logits that transformers computes from a checkpoint folder.'
    )
    parser.add_argument('folder', type=Path, help='a folder with config.json and safetensors weights')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        '--ids', help="rows of equally many token ids as JSON, e.g. '[[1, 5, 7]]', or - to read it from stdin"
    )
    source.add_argument('--golden', type=Path, help='a golden.json with ids and logits: compare instead of printing')
    parser.add_argument('--dtype', default='float32', choices=['float32', 'float64', 'bfloat16', 'float16'])
    parser.add_argument(
        '--tolerance', type=float, default=1e-5, help='largest absolute difference from the golden logits'
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    model = load(options.folder, getattr(torch, options.dtype))
    golden = json.loads(options.golden.read_text()) if options.golden else None
    text = sys.stdin.read() if options.ids == '-' else options.ids
    with torch.no_grad():
        logits = model(torch.tensor(golden['ids'] if golden else json.loads(text))).logits
    head = {'model': type(model).__name__, 'parameters': model.num_parameters(), 'dtype': options.dtype}
    if not golden:
        print(json.dumps(head | {'shape': list(logits.shape), 'logits': logits.tolist()}))
        return
    difference = (logits - unpacked(golden['logits'])).abs().max().item()
    print(json.dumps(head | {'maxAbsDifference': difference}))
    sys.exit(not difference <= options.tolerance)


if __name__ == '__main__':
    main()
