// Secrets in text that was not made from a recipe: by their value, by the name of their variable, and by their form.
import { InputError } from '@espalier/core';
import { expect, test } from 'vitest';
import { referenceIn } from './references.js';
import { redactError, redactEvent, redactor, withoutCredentials } from './redact.js';

const redact = redactor(['MINE'], {
  MINE: 'planted',
  MY_API_KEY: 'planted-key-2',
  HOME: '/home/me',
  HF_TOKEN: 'short',
});

test.each([
  ['a planted b', 'a ${env:MINE} b'],
  ['planted-key-2planted', '${env:MY_API_KEY}${env:MINE}'],
  ['in /home/me, short', 'in /home/me, short'],
])('%j becomes %j', (text, told) => {
  expect(redact(text)).toBe(told);
});

test('a value is known as JSON and addresses write it, and by what text has referred to before', () => {
  const variables = { KEY: 'a "b"\n$&c/d', LATE: 'looked-up' };
  const redact = redactor(['KEY'], variables);
  expect(redact(`${JSON.stringify(variables.KEY)} ${encodeURIComponent(variables.KEY)} ${variables.KEY}`)).toBe(
    '"${env:KEY}" ${env:KEY} ${env:KEY}',
  );
  expect(redactor([], variables)('looked-up')).toBe('looked-up');
  referenceIn('${env:LATE}', variables, 'here');
  expect(redactor([], variables)('looked-up')).toBe('${env:LATE}');
  expect(redactor([], { ...variables })('looked-up')).toBe('looked-up');
});

test.each([
  ['https://user:password@host/x', 'https://[secret]@host/x'],
  ['https://host/x?a=1&access_token=abc&b=2', 'https://host/x?a=1&access_token=[secret]&b=2'],
  ['https://host/x?X-Amz-Signature=abc', 'https://host/x?X-Amz-Signature=[secret]'],
  ['espalier compress --api-key abc --data x', 'espalier compress --api-key [secret] --data x'],
  ['espalier compress --hf-token=abc', 'espalier compress --hf-token=[secret]'],
  ['key hf_abcdefghijklmnopqrst', 'key [secret]'],
  ['espalier compress --tokens 500 --max-tokens 7 --model owner/name', undefined],
  ['mail me@host.example', undefined],
])('of the command %j is kept %j', (text, told) => {
  expect(withoutCredentials(text)).toBe(told ?? text);
});

test('events keep what they are and lose what is secret in message and data', () => {
  const event = {
    type: 'finding',
    name: 'planted',
    message: 'with planted',
    data: { 'a planted key': ['planted', 5, null, { deep: 'planted' }] },
    run: 'planted',
    stage: 's',
    time: 0,
  } as const;
  expect(redactEvent(event, redact)).toEqual({
    ...event,
    message: 'with ${env:MINE}',
    data: { 'a ${env:MINE} key': ['${env:MINE}', 5, null, { deep: '${env:MINE}' }] },
  });
});

test('errors stay what they are; their cause goes where it would tell the secret', () => {
  const error = new InputError({ asked: 'use planted', found: 'f', fix: 'x' }, { cause: new Error('planted') });
  const told = redactError(error, redact);
  expect(told).toBeInstanceOf(InputError);
  expect(told).toMatchObject({ message: 'use ${env:MINE}: f. x.' });
  expect(told).not.toHaveProperty('cause');
  const other = new RangeError('nothing');
  expect(redactError(other, redact)).toBe(other);
});
