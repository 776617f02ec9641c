# Cross-entropy of stories260K on lines of text: the real-weights number, line by line.
# The model and the text stay outside the repository; only counts, checksums and losses are written.
import argparse
import re
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoModelForCausalLM

from common import versions, write_json

LENGTH = 257
ABOUT = {
    'lines': (
        'the text split at LF or CRLF, nothing else trimmed, empty lines skipped; encoded on its own with special '
        'tokens (BOS first, no EOS)'
    ),
    'counted': (
        'lines of at least 257 tokens, BOS included; of those the first 257 tokens: losses of tokens 2 to 257, given '
        'those before'
    ),
    'rows': (
        'line: 0-based; tokens: of the whole line, BOS included; idSum: sum of id * (position + 1) over the first 257 '
        'ids, position 0-based; loss: mean of 256'
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description='Per-line losses of stories260K.')
    parser.add_argument('output', type=Path, help='the fixtures folder to write into')
    parser.add_argument('--model', type=Path, required=True, help='the stories260K folder')
    parser.add_argument('--data', type=Path, required=True, help='the text file, one story a line')
    options = parser.parse_args()

    tokenizer = Tokenizer.from_file(str(options.model / 'tokenizer.json'))
    lines = re.split(r'\r?\n', options.data.read_bytes().decode('utf-8'))
    encoded = {index: tokenizer.encode(line).ids for index, line in enumerate(lines) if line}
    kept = {index: ids for index, ids in encoded.items() if len(ids) >= LENGTH}
    ids = torch.tensor([row[:LENGTH] for row in kept.values()])
    losses = {}
    for dtype in (torch.float32, torch.float64):
        model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype, attn_implementation='eager').eval()
        with torch.no_grad():
            logits = model(ids[:, :-1]).logits.double()
        losses[dtype] = functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction='none').mean(1)
    weights = torch.arange(1, LENGTH + 1)
    rows = [
        {'line': index, 'tokens': len(kept[index]), 'idSum': int((row * weights).sum()), 'loss': loss}
        for index, row, loss in zip(kept, ids, losses[torch.float32].tolist(), strict=True)
    ]
    write_json(
        options.output / 'stories260k.json',
        {
            'about': ABOUT,
            'versions': versions(),
            'linesInFile': len(encoded),
            'linesCounted': len(kept),
            'tokensCounted': len(kept) * (LENGTH - 1),
            'loss': losses[torch.float32].mean().item(),
            'rows': rows,
        },
    )
    print(
        f'{len(kept)} of {len(encoded)} lines, loss {losses[torch.float32].mean():.6f} '
        f'(float64 weights: {losses[torch.float64].mean():.6f})'
    )


if __name__ == '__main__':
    main()
