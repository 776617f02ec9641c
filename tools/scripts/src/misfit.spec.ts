// A stage that does not fit its neighbour does not compile, and the compiler says what is missing: the message that
// examples/README.md shows.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

const program = (pipes: string): string => `
import { calibrate, Pipeline, prune, random, type Model, type SizedBatches } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { activationScorer, widthPruner } from '@espalier/plugins';
declare const teacher: Model;
declare const data: SizedBatches;
const context = { backend: referenceBackend(), random: random(1) };
const calibration = calibrate({ scorers: [activationScorer()], samples: 16, data });
Pipeline.of({ teacher }, context)${pipes};
`;

/** What the compiler says of a program, one line for each message and reason. */
function compile(text: string): readonly string[] {
  const file = path.join(root, 'tools/scripts/src/misfit-check.ts');
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['@espalier/source'],
    experimentalDecorators: true,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, text, version) : read(name, version, ...rest);
  const checked = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(checked, checked.getSourceFile(file))
    .flatMap(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n').split('\n'));
}

const missing = /is missing the following properties from type '\{.*\}': target, scores$/;

test('prune before score and search is refused with what it misses, and what it misses is in the guide', async () => {
  const messages = compile(program('.pipe(calibration).pipe(prune(widthPruner()))'));
  expect(messages.at(-1)).toMatch(missing);
  const guide = await readFile(path.join(root, 'examples/README.md'), 'utf8');
  expect(guide).toContain(messages.at(-1)?.trim());
});

test('so it is within one pipe of several stages', () => {
  expect(compile(program('.pipe(calibration, prune(widthPruner()))')).at(-1)).toMatch(missing);
});

test('what fits compiles', () => {
  expect(compile(program('.pipe(calibration)'))).toEqual([]);
});
