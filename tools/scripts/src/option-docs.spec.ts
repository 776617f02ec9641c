// Options of a made-up strategy, declared in two files.
import ts from 'typescript';
import { expect, test } from 'vitest';
import { optionDocsOf } from './option-docs.js';

const files: Readonly<Record<string, string>> = {
  '/made-up/height.ts': `export interface Height {
  /** Highest rate. */
  readonly peak?: number;
}
`,
  '/made-up/hat.ts': `import type { Height } from './height.js';
export interface HatOptions extends Height {
  /**
   * How the rate
   * falls.
   */
  readonly fall: 'fast' | 'slow';
  readonly silent: boolean;
}
export function hat({ peak, fall }: HatOptions) {}
interface Other {
  /** Not an option. */
  readonly brim: number;
}
export function helper(of: Other, also: number) {}
function inner(of: Other) {}
`,
};

function madeUp(): ts.Program {
  const options: ts.CompilerOptions = { noLib: true, types: [], module: ts.ModuleKind.NodeNext };
  const host = ts.createCompilerHost(options);
  return ts.createProgram(['/made-up/hat.ts'], options, {
    ...host,
    directoryExists: () => true,
    fileExists: (file) => file in files,
    readFile: (file) => files[file],
    getSourceFile: (file, version) =>
      files[file] === undefined ? undefined : ts.createSourceFile(file, files[file], version),
  });
}

test('options say what their comments do, wherever they are declared; only factories have options', () => {
  const docs = optionDocsOf(madeUp(), '/made-up')('hat.ts');
  expect(Object.fromEntries(docs)).toEqual({ fall: 'How the rate\nfalls.', peak: 'Highest rate.' });
});

test('a file that is not there has none', () => {
  expect(optionDocsOf(madeUp(), '/made-up')('cap.ts').size).toBe(0);
});
