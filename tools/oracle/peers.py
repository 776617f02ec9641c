# What `npm run bench:peers` compares with: the same work in PyTorch and transformers, one run for each line of standard input.
# A line is a job's name; the answer is {"seconds", "value"}. `train` and `distil` also come with torch.compile.
# Takes a checkpoint folder, the sequences of a batch, their length, and the threads to use.
import copy
import json
import sys
import time

import torch
import transformers
from torch.nn import functional

folder, batch, length, threads = sys.argv[1], *map(int, sys.argv[2:5])
torch.set_num_threads(threads)
torch.set_flush_denormal(True)  # as on the other side
torch.manual_seed(1)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
vocab = model.config.vocab_size
# The same ids as on the other side: position p of row r is (7919 · (r · length + p)) mod vocabulary, and what follows it is to be predicted.
numbers = torch.arange(batch * length + 1) * 7919 % vocab
ids, targets = numbers[:-1].reshape(batch, length), numbers[1:].reshape(batch, length)


def logits_of(own):
    return own(input_ids=ids, use_cache=False).logits.reshape(-1, vocab)


def training(teacher, compiled):
    """A step of AdamW with clipping; the loss is the text's, or the divergence from a teacher."""
    student = copy.deepcopy(model).train()
    if teacher is not None:
        # It has something to learn.
        with torch.no_grad():
            for weight in student.parameters():
                weight.mul_(0.9)
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)

    def loss_of():
        if teacher is None:
            return functional.cross_entropy(logits_of(student), targets.reshape(-1))
        with torch.no_grad():
            target = functional.log_softmax(logits_of(teacher), -1)
        own = functional.log_softmax(logits_of(student), -1)
        return functional.kl_div(own, target, log_target=True, reduction='batchmean')

    forward = torch.compile(loss_of) if compiled else loss_of

    def step():
        loss = forward()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    return step


def calibration():
    """Squares of what leaves the norms, the attention and the middle of the feed-forward, added up per channel."""
    watched = copy.deepcopy(model)
    sums = {}

    def watch(name, x):
        sums[name] = sums.get(name, 0) + x.square().mean(1).sqrt().sum(0)

    for name, module in watched.named_modules():
        if name.endswith('layernorm'):
            module.register_forward_hook(lambda _, __, y, name=name: watch(name, y))
        if name.endswith(('o_proj', 'down_proj')):
            module.register_forward_pre_hook(lambda _, x, name=name: watch(name, x[0]))

    @torch.no_grad()
    def read():
        watched.model(input_ids=ids, use_cache=False)

    return read


def generation(rows, prompt, tokens):
    start = numbers[:prompt].repeat(rows, 1)

    @torch.no_grad()
    def generate():
        options = {'do_sample': False, 'max_new_tokens': tokens, 'min_new_tokens': tokens, 'pad_token_id': 0}
        model.generate(start, attention_mask=torch.ones_like(start), **options)

    return generate


@torch.no_grad()
def perplexity():
    return functional.cross_entropy(logits_of(model), targets.reshape(-1)).item()


makers = {
    'train': lambda: training(None, False),
    'train-compiled': lambda: training(None, True),
    'distil': lambda: training(model, False),
    'distil-compiled': lambda: training(model, True),
    'calibrate': calibration,
    'prompt': lambda: generation(1, 384, 33),
    'generate': lambda: generation(1, 1, 128),
    'generate-8': lambda: generation(8, 1, 128),
    'perplexity': lambda: perplexity,
}
print(json.dumps({'torch': torch.__version__, 'transformers': transformers.__version__}), flush=True)
ready, name = None, None
for line in sys.stdin:
    asked = json.loads(line)
    if asked != name:
        ready, name = None, asked  # frees the last one's memory first
        ready = makers[asked]()
    start = time.perf_counter()
    value = ready()
    print(json.dumps({'seconds': time.perf_counter() - start, 'value': value}), flush=True)
