# Nasty texts and what Hugging Face's own implementation makes of them, one JSON line per text, for every tokenizer folder given.
# tokenizers-compare.mjs holds Espalier's tokenizer against them. The texts hold code points of Unicode 14 and before: newer
# ones are letters to one version of a Unicode table and nothing to another.
import argparse
import json
import random
import unicodedata
from pathlib import Path

from tokenizers import Tokenizer

WORDS = (
    "the gardener ties branches didn't It's we'LL THEY'VE I'm he'd 'twas o'clock naïve Bäume façade Straße ΣΊΣΥΦΟΣ İstanbul ıŋ "
    'ǅ ﬁne ﬀ Ångström e\u0301 o\u0308\u0323 क्षत्रिय हिन्दी ไทยภาษา မြန်မာ ភាសាខ្មែរ 한국어 ᄒ\u1161\u11ab 梨の木 東京都 你好世界 カタカナ ﾊﾝｶｸ １２３ '
    'שלום العربية فارسی\u200cزبان ١٢٣ १२३ ½ ² Ⅻ ㊿ 1987 3.14159 1,000,000 0x1F 12345678901 __proto__ constructor toString '
    "hasOwnProperty <0x0A> <0xFF> ##ing ▁ ▁▁the Ġthe Ċ </w> <unk> <s> </s> [CLS] [SEP] [UNK] [MASK] 'ſ ’s ſ K ﷺ … ～ ~ \ufffd"
).split(' ')
PIECES = [
    '\n', '\r\n', '\r', '\n\n\n', '\t', '\t\t', '\x00', '\x01', '\x07', '\x0b', '\x0c', '\x1b[31m', '\x7f', '\x85', '\x9f',
    ' ', '  ', '   ', '          ', '\u00a0', '\u1680', '\u2003', '\u2009', '\u200b', '\u200c', '\u200d', '\u200e', '\u202e', '\u2028',
    '\u2029', '\u202f', '\u205f', '\u2060', '\u3000', '\ufeff', '\u00ad', '\u0301', '\u0300\u0301\u0302', '\u20dd', '\ufe0f',
    '😀', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪🇫🇷', '👍🏽', '1️⃣', '🌳🌳🌳', '𝔘𝔫𝔦', '𝟘𝟙', '𠮷野家', '𓀀', '\U0001f468\u200d', '\U0010ffff', '\ue000',
    '.', '...', '?!', '--', '——', '“”', '(){}[]', '&&||', '$€¥', '#@%^*', '//', '\\n', "''", '"', '`', '。', '、', '،', '؟', '!!!!!!!!',
    'http://a.b/c?d=e&f=%20#g', 'x = {"a": [1, 2]};', '<div class="x">', 'camelCaseHTTPServer', 'snake_case_2', 'A', 'a', 'é', 'É',
]  # fmt: skip
ASSIGNED = [
    point
    for point in range(0x20, 0x20000)
    if unicodedata.category(chr(point)) not in ('Cn', 'Cs')
]


def nasty(stream: random.Random, special: list[str]) -> str:
    kind = stream.random()
    if kind < 0.02:  # one very long word
        return ''.join(stream.choice(['a', 'ab', 'é', '字', '1', '👍', '_']) for _ in range(stream.randrange(200, 2000)))
    if kind < 0.04:  # one thing many times
        return stream.choice(PIECES + WORDS) * stream.randrange(2, 120)
    parts = []
    for _ in range(stream.randrange(0, 24)):
        choice = stream.random()
        if choice < 0.35:
            parts.append(stream.choice(WORDS))
            if stream.random() < 0.7:
                parts.append(' ')
        elif choice < 0.7:
            parts.append(stream.choice(PIECES))
        elif choice < 0.78 and special:
            parts.append(stream.choice(special))
        elif choice < 0.82 and special:
            whole = stream.choice(special)
            parts.append(whole[: stream.randrange(0, len(whole) + 1)])
        elif choice < 0.9:
            parts.append(chr(stream.choice(ASSIGNED)))
        elif choice < 0.95:
            parts.append(str(stream.randrange(10 ** stream.randrange(1, 12))))
        else:
            parts.append(''.join(chr(stream.randrange(0x20, 0x250)) for _ in range(stream.randrange(1, 8))))
    return ''.join(parts)


def goldens(folder: Path, count: int, output: Path) -> None:
    tokenizer = Tokenizer.from_file(str(folder / 'tokenizer.json'))
    tokenizer.no_truncation()  # as a call of a transformers tokenizer without arguments does
    tokenizer.no_padding()
    special = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    stream = random.Random(19)
    with output.open('w', encoding='utf-8') as lines:
        for _ in range(count):
            text = nasty(stream, special)
            document = tokenizer.encode(text).ids
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            decoded = tokenizer.decode(ids, skip_special_tokens=False)
            lines.write(json.dumps({'text': text, 'document': document, 'ids': ids, 'decoded': decoded}) + '\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('output', type=Path, help='folder for one .jsonl per tokenizer')
    parser.add_argument('folders', type=Path, nargs='+', help='folders with a tokenizer.json each')
    parser.add_argument('--count', type=int, default=10_000)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for folder in options.folders:
        goldens(folder, options.count, options.output / f'{folder.name}.jsonl')


if __name__ == '__main__':
    main()
