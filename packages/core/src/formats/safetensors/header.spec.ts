// Odd headers, legal and not, held against what the reference implementation reads of them (tools/oracle/safetensors-headers.py).
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { formatHeader, layOut, parseHeader } from './header.js';

const tensor = z.object({ name: z.string(), type: z.string(), shape: z.array(z.number()), bytes: z.number() });
const { cases } = z
  .object({
    cases: z.array(
      z.object({ name: z.string(), header: z.string(), data: z.number(), tensors: z.array(tensor).nullable() }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/safetensors-headers.json', import.meta.url), 'utf8')));

/** Read by the reference implementation and refused here, each with what is said. */
const stricter: Readonly<Record<string, RegExp>> = {
  'a name twice, the same bytes': /key "a" appears twice/,
  'a name twice, spelt with an escape': /key "a" appears twice/,
  'a space before': /does not begin with "\{"/, // which the format's description demands
  'a line end before': /does not begin with "\{"/,
  'a size of 2^53 and none': /not a list of natural numbers/,
  'a tensor that is a list': /not described by an object/,
};
const notRead = /^the type (\w+), which is not read here$/;
/** The other way round: the same numbers, spelt otherwise. */
const looser = ['an offset written as 4.0', 'an offset written as 4e0'];

function read({ header, data }: (typeof cases)[number]): readonly z.infer<typeof tensor>[] {
  const { spans } = parseHeader(new Uint8Array(Buffer.from(header, 'base64')), data, 'open it');
  const found = spans.map(({ name, type, shape, begin, end }) => ({
    name,
    type,
    shape: [...shape],
    bytes: end - begin,
  }));
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

test.each(cases)('$name: as the reference implementation has it', (own) => {
  const reason = stricter[own.name];
  const type = notRead.exec(own.name)?.[1];
  if (own.tensors === null && !looser.includes(own.name)) {
    expect(() => read(own)).toThrow(InputError);
  } else if (reason !== undefined || type !== undefined) {
    expect(() => read(own)).toThrow(reason ?? `dtype "${type}", which is not read here. Convert it to one of F64, F32`);
  } else {
    expect(read(own)).toEqual(own.tensors ?? [{ name: 'a', type: 'F32', shape: [1], bytes: 4 }]);
  }
});

test('every difference is one that the reference implementation still shows', () => {
  for (const name of Object.keys(stricter)) expect(cases.find((own) => own.name === name)?.tensors).toBeTruthy();
  for (const name of looser) expect(cases.find((own) => own.name === name)).toMatchObject({ tensors: null });
});

test('a header of very many tensors is read, in the order of their bytes', () => {
  const infos = Array.from({ length: 50_000 }, (_, index) => ({
    name: `layers.${(index * 7919) % 50_000}`,
    type: 'F32' as const,
    shape: [index % 3],
  }));
  const bytes = formatHeader(layOut(infos), {});
  const end = layOut(infos).at(-1)?.end ?? NaN;
  const { spans } = parseHeader(bytes.subarray(8), end, 'open it');
  expect(new Set(spans.map(({ name }) => name)).size).toBe(50_000);
  expect(spans.at(-1)?.end).toBe(end);
});
