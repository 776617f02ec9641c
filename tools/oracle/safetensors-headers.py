# Odd headers of safetensors files, legal and not, and what the reference implementation says of each: the tensors that it reads, or
# that it refuses the file.
import base64
import json

import safetensors
from safetensors import deserialize

from common import output_folder, write_json

ONE = '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'


def tensor(name: str, dtype: str, shape: str, begin: object, end: object) -> str:
    return f'{json.dumps(name)}:{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}'


# Name, header, bytes of data.
CASES: list[tuple[str, str | bytes, int]] = [
    ('one tensor', f'{{{ONE}}}', 4),
    ('no tensor', '{}', 0),
    ('no tensor but bytes', '{}', 4),
    ('a name twice, bytes of both', '{' + tensor('a', 'F32', '[1]', 0, 4) + ',' + tensor('a', 'F32', '[1]', 4, 8) + '}', 8),
    ('a name twice, the same bytes', f'{{{ONE},{ONE}}}', 4),
    ('a name twice, spelt with an escape', '{' + ONE + ',"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ('a key of a tensor twice', '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ('overlapping ranges', '{' + tensor('a', 'F32', '[2]', 0, 8) + ',' + tensor('b', 'F32', '[2]', 4, 12) + '}', 12),
    ('the same range', '{' + tensor('a', 'F32', '[1]', 0, 4) + ',' + tensor('b', 'F32', '[1]', 0, 4) + '}', 4),
    ('a gap', '{' + tensor('a', 'F32', '[1]', 0, 4) + ',' + tensor('b', 'F32', '[1]', 8, 12) + '}', 12),
    ('a gap at the beginning', '{' + tensor('a', 'F32', '[1]', 4, 8) + '}', 8),
    ('bytes after the last', f'{{{ONE}}}', 8),
    ('bytes missing', f'{{{ONE}}}', 3),
    ('an order that is not that of the bytes', '{' + tensor('b', 'F32', '[1]', 4, 8) + ',' + tensor('a', 'F32', '[1]', 0, 4) + '}', 8),
    ('no elements', '{' + tensor('a', 'F32', '[0]', 0, 0) + '}', 0),
    ('no elements among others', '{' + tensor('e', 'F32', '[3,0]', 4, 4) + ',' + tensor('a', 'F32', '[1]', 0, 4) + ',' + tensor('b', 'F32', '[1]', 4, 8) + '}', 8),
    ('no elements, a range', '{' + tensor('a', 'F32', '[0]', 0, 4) + '}', 4),
    ('a scalar', '{' + tensor('a', 'F32', '[]', 0, 4) + '}', 4),
    ('a scalar without bytes', '{' + tensor('a', 'F32', '[]', 0, 0) + '}', 0),
    ('nine axes', '{' + tensor('a', 'F32', '[1,1,1,1,1,1,1,1,1]', 0, 4) + '}', 4),
    ('a type that there is not', '{' + tensor('a', 'F31', '[1]', 0, 4) + '}', 4),
    ('a type in small letters', '{' + tensor('a', 'f32', '[1]', 0, 4) + '}', 4),
    ('a name of JavaScript as a type', '{' + tensor('a', 'constructor', '[1]', 0, 4) + '}', 4),
    ('a byte order mark', '\ufeff' + f'{{{ONE}}}', 4),
    ('a space before', ' ' + f'{{{ONE}}}', 4),
    ('a line end before', '\n' + f'{{{ONE}}}', 4),
    ('spaces after', f'{{{ONE}}}' + ' ' * 13, 4),
    ('line ends and tabs after', f'{{{ONE}}}' + '\n\t\r ', 4),
    ('NUL after', f'{{{ONE}}}' + '\0', 4),
    ('words after', f'{{{ONE}}}x', 4),
    ('spaces within', '{ "a" : { "dtype" : "F32" , "shape" : [ 1 ] , "data_offsets" : [ 0 , 4 ] } }', 4),
    ('metadata', '{"__metadata__":{"format":"pt"},' + ONE + '}', 4),
    ('empty metadata', '{"__metadata__":{},' + ONE + '}', 4),
    ('metadata alone', '{"__metadata__":{"format":"pt"}}', 0),
    ('metadata that is null', '{"__metadata__":null,' + ONE + '}', 4),
    ('metadata of numbers', '{"__metadata__":{"n":1},' + ONE + '}', 4),
    ('metadata within metadata', '{"__metadata__":{"n":{"m":"1"}},' + ONE + '}', 4),
    ('metadata that is a list', '{"__metadata__":["a"],' + ONE + '}', 4),
    ('metadata with null', '{"__metadata__":{"n":null},' + ONE + '}', 4),
    ('a tensor called as the metadata', '{' + tensor('__metadata__', 'F32', '[1]', 0, 4) + '}', 4),
    ('an empty name', '{' + tensor('', 'F32', '[1]', 0, 4) + '}', 4),
    ('a name of JavaScript', '{' + tensor('__proto__', 'F32', '[1]', 0, 4) + '}', 4),
    ('a name that is a number', '{' + tensor('10', 'F32', '[1]', 4, 8) + ',' + tensor('2', 'F32', '[1]', 0, 4) + '}', 8),
    ('a key more', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}', 4),
    ('no type', '{"a":{"shape":[1],"data_offsets":[0,4]}}', 4),
    ('no shape', '{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4),
    ('no range', '{"a":{"dtype":"F32","shape":[1]}}', 4),
    ('one offset', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', 4),
    ('three offsets', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4),
    ('a range that ends before it begins', '{' + tensor('a', 'F32', '[1]', 4, 0) + '}', 4),
    ('an offset below 0', '{' + tensor('a', 'F32', '[1]', -4, 0) + '}', 4),
    ('an offset that is not whole', '{' + tensor('a', 'F32', '[1]', 0, 4.5) + '}', 4),
    ('an offset written as 4.0', '{' + tensor('a', 'F32', '[1]', 0, '4.0') + '}', 4),
    ('an offset written as 4e0', '{' + tensor('a', 'F32', '[1]', 0, '4e0') + '}', 4),
    ('an offset that is text', '{' + tensor('a', 'F32', '[1]', 0, '"4"') + '}', 4),
    ('offsets beyond the file', '{' + tensor('a', 'F32', '[1]', 100, 104) + '}', 4),
    ('an end beyond the file', '{' + tensor('a', 'F32', '[100]', 0, 400) + '}', 4),
    ('a shape and a range that differ', '{' + tensor('a', 'F32', '[2]', 0, 4) + '}', 4),
    ('a size of 2^53', '{' + tensor('a', 'F32', '[9007199254740992]', 0, 36028797018963968) + '}', 4),
    ('a size of 2^53 and none', '{' + tensor('a', 'F32', '[9007199254740992,0]', 0, 0) + '}', 0),
    ('a size of 2^64 - 1', '{' + tensor('a', 'U8', '[18446744073709551615]', 0, 18446744073709551615) + '}', 4),
    ('a size of 2^64', '{' + tensor('a', 'U8', '[18446744073709551616]', 0, 4) + '}', 4),
    ('sizes whose product passes 2^64', '{' + tensor('a', 'F32', '[4294967296,4294967296]', 0, 4) + '}', 4),
    ('a product that would wrap to 1', '{' + tensor('a', 'U8', '[18446744073709551615,18446744073709551615]', 0, 1) + '}', 1),
    ('a size below 0', '{' + tensor('a', 'F32', '[-1]', 0, 4) + '}', 4),
    ('a size of -0', '{' + tensor('a', 'F32', '[-0]', 0, 0) + '}', 0),
    ('a size that is not whole', '{' + tensor('a', 'F32', '[1.5]', 0, 6) + '}', 6),
    ('a size that is true', '{' + tensor('a', 'F32', '[true]', 0, 4) + '}', 4),
    ('a shape that is null', '{' + tensor('a', 'F32', 'null', 0, 4) + '}', 4),
    ('a shape that is a number', '{' + tensor('a', 'F32', '1', 0, 4) + '}', 4),
    ('a list', '[]', 0),
    ('a tensor that is a list', '{"a":["F32",[1],[0,4]]}', 4),
    ('a tensor that is null', '{"a":null}', 0),
    ('no JSON', '{', 0),
    ('nothing', '', 0),
    ('a comma too many', f'{{{ONE},}}', 4),
    ('a comment', f'{{/* */{ONE}}}', 4),
    ('single quotes', "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}", 4),
    ('no UTF-8', b'{"\xff":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ('half a surrogate pair', '{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ('NaN as a size', '{' + tensor('a', 'F32', '[NaN]', 0, 4) + '}', 4),
    ('a control character in a name', '{"\\u0000\\u001b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ('a raw control character in a name', '{"\x1b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ('depth', '{"a":' + '[' * 200 + ']' * 200 + '}', 0),
]
for name, size in [('F64', 8), ('F16', 2), ('BF16', 2), ('I64', 8), ('I32', 4), ('I16', 2), ('I8', 1), ('U8', 1), ('BOOL', 1)]:
    CASES.append((f'the type {name}', '{' + tensor('a', name, '[3]', 0, 3 * size) + '}', 3 * size))
for name, size in [('U16', 2), ('U32', 4), ('U64', 8), ('F8_E4M3', 1), ('F8_E5M2', 1), ('F8_E8M0', 1), ('C64', 8)]:
    CASES.append((f'the type {name}, which is not read here', '{' + tensor('a', name, '[3]', 0, 3 * size) + '}', 3 * size))


def answer(header: bytes, data: int) -> list[dict[str, object]] | None:
    try:
        found = deserialize(len(header).to_bytes(8, 'little') + header + bytes(data))
    except Exception:
        return None
    tensors = [
        {'name': name, 'type': str(own['dtype']), 'shape': list(own['shape']), 'bytes': len(own['data'])} for name, own in found
    ]
    return sorted(tensors, key=lambda own: own['name'])


def main() -> None:
    output = output_folder('Write odd safetensors headers, and what the reference implementation says of them.')
    output.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, header, data in CASES:
        raw = header if isinstance(header, bytes) else header.encode()
        cases.append({'name': name, 'header': base64.b64encode(raw).decode(), 'data': data, 'tensors': answer(raw, data)})
    write_json(
        output / 'safetensors-headers.json',
        {
            'about': 'headers of safetensors files in base64, bytes of data behind them, and the tensors that the reference implementation reads; null where it refuses the file',
            'versions': {'safetensors': safetensors.__version__},
            'cases': cases,
        },
    )


main()
