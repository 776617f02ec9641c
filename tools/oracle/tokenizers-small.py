# Small tokenizers built like those of well-known families, and what Hugging Face's own implementation makes of nasty texts with them:
# one file of formats/fixtures that holds both.
import argparse
import importlib
import json
import random
from importlib.metadata import version
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

nasty = importlib.import_module('tokenizers-nasty')
TRAINING = [
    'The gardener ties the branches to the frame, one by one, and waits for spring.',
    "She didn't prune the old tree, because it wasn't hers. It's 1987 all over again!",
    'Der Gärtner schneidet die Bäume im März. Le jardinier taille les arbres en hiver.',
    'ΣΊΣΥΦΟΣ, İstanbul, 梨の木, 한국어, שלום, 3.14159 and 1,000,000; camelCaseHTTPServer and snake_case_2.',
]
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
OCTETS = [f'<0x{octet:02X}>' for octet in range(256)]


def trained(tokenizer: Tokenizer, special: list[str], size: int = 400, octets: bool = False) -> Tokenizer:
    alphabet = [] if octets else pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size + 256 * octets,
        special_tokens=special + OCTETS * octets,
        initial_alphabet=alphabet,
        max_token_length=12,
        show_progress=False,
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    plain = json.loads(tokenizer.to_str())
    plain['added_tokens'] = [token for token in plain['added_tokens'] if token['content'] in special]
    return Tokenizer.from_str(json.dumps(plain))


def around(tokenizer: Tokenizer, single: str, *names: str) -> processors.TemplateProcessing:
    return processors.TemplateProcessing(single=single, special_tokens=[(name, tokenizer.token_to_id(name)) for name in names])


def llama3() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(CL100K), 'isolated'), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer = trained(tokenizer, ['<|begin_of_text|>', '<|end_of_text|>', '<|eot_id|>'])
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), around(tokenizer, '<|begin_of_text|> $A', '<|begin_of_text|>')]
    )
    return tokenizer


def qwen2() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CL100K.replace('{1,3}', '')), 'isolated'),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer = trained(tokenizer, ['<|endoftext|>', '<|im_start|>', '<|im_end|>'])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def phi() -> Tokenizer:
    """GPT-2's cut, after o200k's; and tokens that are found only whole, or that take the space beside them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(O200K), 'removed', invert=True), pre_tokenizers.ByteLevel(add_prefix_space=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer = trained(tokenizer, ['<|endoftext|>'])
    tokenizer.add_tokens([AddedToken('the', single_word=True), AddedToken('<x>', lstrip=True), AddedToken('<y>', rstrip=True)])
    return tokenizer


def gemma() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(' ', '▁')
    tokenizer.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer = trained(tokenizer, ['<pad>', '<eos>', '<bos>', '<unk>'], octets=True)
    tokenizer.post_processor = around(tokenizer, '<bos> $A', '<bos>')
    return tokenizer


def mistral() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='first', split=False)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme='first')
    tokenizer = trained(tokenizer, ['<unk>', '<s>', '</s>', '[INST]', '[/INST]'])
    tokenizer.post_processor = around(tokenizer, '<s> $A', '<s>')
    return tokenizer


def roberta() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer = trained(tokenizer, ['<s>', '<pad>', '</s>', '<unk>', '<mask>'])
    tokenizer.post_processor = processors.RobertaProcessing(('</s>', 2), ('<s>', 0))
    return tokenizer


def t5() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(' {2,}'), ' ')])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='always')
    tokenizer.decoder = decoders.Metaspace(prepend_scheme='always')
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=['<pad>', '</s>', '<unk>'], unk_token='<unk>', show_progress=False
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    tokenizer.post_processor = around(tokenizer, '$A </s>', '</s>')
    return tokenizer


def bert() -> Tokenizer:
    special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
    tokenizer = Tokenizer(models.WordPiece(unk_token='[UNK]'))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=250, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(TRAINING, trainer)
    tokenizer.post_processor = processors.BertProcessing(('[SEP]', 3), ('[CLS]', 2))
    return tokenizer


def cases(tokenizer: Tokenizer, count: int) -> list[dict]:
    special = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    stream = random.Random(19)
    found = []
    while len(found) < count:
        text = nasty.nasty(stream, special)
        if len(text) > 70:
            continue
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        document = tokenizer.encode(text).ids
        found.append({'text': text, 'document': document, 'decoded': tokenizer.decode(ids, skip_special_tokens=False), 'ids': ids})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description='Make the fixture of small tokenizers.')
    parser.add_argument('output', type=Path, help='the fixtures folder to write into')
    options = parser.parse_args()
    made = [llama3, qwen2, phi, gemma, mistral, roberta, t5, bert]
    families = {}
    for make in made:
        tokenizer = make()
        families[make.__name__] = {'tokenizer': json.loads(tokenizer.to_str()), 'cases': cases(tokenizer, 24)}
    about = 'ids with and without what the tokenizer puts around a text, and the text of the latter, by the tokenizers package'
    result = {'about': about, 'versions': {'tokenizers': version('tokenizers')}, 'families': families}
    (options.output / 'tokenizer-families.json').write_text(json.dumps(result, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main()
