# Perplexity over windows as it is commonly reported: the strided loop of the transformers documentation ("Perplexity of
# fixed-length models"), window by window, and the loop of Wanda's eval_ppl_wikitext. Needs tiny-llama first.
import numpy
import torch
from torch import nn

from common import load, output_folder, versions, write_json

SEED, WINDOW = 41, 12
LENGTHS = [30, 9, 12, 2, 47]
ABOUT = {
    'documents': 'token ids; model ../tiny-llama in float32',
    'strided': 'by stride: for each document the sum of -log p in nats over predicted tokens, and how many there are',
    'wanda': 'exp(sum of mean loss * window / (windows * window)) of the joined ids, cut into windows, the rest left out',
}


def strided(model: nn.Module, document: list[int], stride: int) -> dict[str, float]:
    input_ids, total, count, prev_end_loc = torch.tensor([document]), 0.0, 0, 0
    seq_len = input_ids.size(1)
    for begin_loc in range(0, seq_len, stride):
        end_loc = min(begin_loc + WINDOW, seq_len)
        trg_len = end_loc - prev_end_loc
        ids = input_ids[:, begin_loc:end_loc]
        target_ids = ids.clone()
        target_ids[:, :-trg_len] = -100
        with torch.no_grad():
            neg_log_likelihood = model(ids, labels=target_ids).loss
        num_loss_tokens = (target_ids[:, 1:] != -100).sum().item()
        total += neg_log_likelihood.item() * num_loss_tokens
        count += num_loss_tokens
        prev_end_loc = end_loc
        if end_loc == seq_len:
            break
    return {'sum': total, 'tokens': count}


def wanda(model: nn.Module, ids: list[int]) -> dict[str, float]:
    testenc = torch.tensor([ids])
    nsamples, nlls = testenc.numel() // WINDOW, []
    for i in range(nsamples):
        inputs = testenc[:, i * WINDOW : (i + 1) * WINDOW]
        with torch.no_grad():
            lm_logits = model(inputs).logits
        loss = nn.CrossEntropyLoss()(lm_logits[:, :-1].reshape(-1, lm_logits.size(-1)), inputs[:, 1:].reshape(-1))
        nlls.append(loss.float() * WINDOW)
    perplexity = torch.exp(torch.stack(nlls).sum() / (nsamples * WINDOW)).item()
    return {'perplexity': perplexity, 'windows': nsamples}


def main() -> None:
    root = output_folder('Perplexity over windows that slide, and over windows of joined documents.')
    model = load(root / 'tiny-llama')
    rng = numpy.random.default_rng(SEED)
    documents = [rng.integers(0, 96, length).tolist() for length in LENGTHS]
    write_json(
        root / 'windows' / 'golden.json',
        {
            'about': ABOUT,
            'versions': versions(),
            'window': WINDOW,
            'documents': documents,
            'strided': {str(stride): [strided(model, own, stride) for own in documents] for stride in (1, 5, WINDOW - 1)},
            'wanda': wanda(model, [token for document in documents for token in document]),
        },
    )


if __name__ == '__main__':
    main()
