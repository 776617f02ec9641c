# Small tokenizers of the kinds that language models use, and what Hugging Face's own implementation makes of some
# texts with them; with --model also a real one, and --data its ids of each line (as a hash: the text is not ours to copy).
import argparse
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from common import write_json

TRAINING = [
    'The gardener ties the branches to the frame, one by one, and waits for spring.',
    'A branch that grows forward is cut back; a branch that grows sideways is kept.',
    'In autumn the pears hang in rows, and the children count them: one, two, three, twelve.',
    "She didn't prune the old tree, because it wasn't hers. It's 1987 all over again!",
    'Der Gärtner schneidet die Bäume im März. Le jardinier taille les arbres en hiver.',
]
TEXTS = [
    'The gardener keeps twelve branches.',
    ' leading space, and  two   three spaces ',
    "It wasn't hers , he said . Didn't she know ?",
    'line one\nline two\n\n\tindented 1987',
    'naïve Bäume, 梨の木, 🌳🌳, e\u0301',
    'first </s> second <s>third',
    'unclosed <s and a lone \u00a0 space',
    '',
]
SPECIAL = ['<unk>', '<s>', '</s>']
# Both forms in which transformers names a special token.
CONFIG = {
    'tokenizer_class': 'PreTrainedTokenizerFast',
    'bos_token': '<s>',
    'eos_token': {'__type': 'AddedToken', 'content': '</s>', 'lstrip': False, 'rstrip': False, 'normalized': False},
    'unk_token': '<unk>',
}


def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TRAINING, trainer)
    return with_bos(tokenizer)


def byte_fallback() -> Tokenizer:
    """The form that Llama 2 has: words marked with U+2581, unknown characters as bytes."""
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(' ', 1, 0)]
    )
    octets = [f'<0x{octet:02X}>' for octet in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=SPECIAL + octets, max_token_length=12, show_progress=False
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    # The octets had to be special to be reserved; in the file they are ordinary entries of the vocabulary.
    plain = json.loads(tokenizer.to_str())
    plain['added_tokens'] = [token for token in plain['added_tokens'] if token['content'] in SPECIAL]
    return with_bos(Tokenizer.from_str(json.dumps(plain)))


def word_level() -> Tokenizer:
    """Whole words, so that much is unknown."""
    tokenizer = Tokenizer(models.WordLevel(unk_token='<unk>'))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(TRAINING, trainers.WordLevelTrainer(special_tokens=SPECIAL, show_progress=False))
    return with_bos(tokenizer)


def with_bos(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.post_processor = processors.TemplateProcessing(
        single='<s> $A', special_tokens=[('<s>', tokenizer.token_to_id('<s>'))]
    )
    return tokenizer


def golden(tokenizer: Tokenizer) -> dict:
    cases = []
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        cases.append({'text': text, 'ids': ids, 'decoded': tokenizer.decode(ids, skip_special_tokens=False)})
    return {'vocabularySize': tokenizer.get_vocab_size(), 'bos': 1, 'eos': 2, 'cases': cases}


def hashed_lines(tokenizer: Tokenizer, data: Path) -> dict:
    lines = data.read_text().splitlines()
    ids = [tokenizer.encode(line, add_special_tokens=False).ids for line in lines if line]
    text = '\n'.join(' '.join(map(str, line)) for line in ids)
    return {
        'lines': len(ids),
        'tokens': sum(map(len, ids)),
        'sha256': hashlib.sha256(text.encode()).hexdigest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description='Make the golden tokenizer fixtures.')
    parser.add_argument('output', type=Path, help='the fixtures folder to write into')
    parser.add_argument('--model', type=Path, help='the stories260K folder')
    parser.add_argument('--data', type=Path, help='text to encode line by line with it')
    options = parser.parse_args()
    result = {
        'about': 'ids and decoded text by the tokenizers package, nothing added, nothing skipped or cleaned up',
        'versions': {'tokenizers': version('tokenizers')},
    }
    made = {'byte-level': byte_level(), 'byte-fallback': byte_fallback(), 'word-level': word_level()}
    for name, tokenizer in made.items():
        folder = options.output / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / 'tokenizer.json'), pretty=False)
        write_json(folder / 'tokenizer_config.json', CONFIG)
        result[name] = golden(tokenizer)
    if options.model:
        real = Tokenizer.from_file(str(options.model / 'tokenizer.json'))
        result['stories260K'] = golden(real) | {'tinystories': hashed_lines(real, options.data)}
    write_json(options.output / 'tokenizers.json', result)


if __name__ == '__main__':
    main()
