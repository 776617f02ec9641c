// Lint: types, boundaries between packages (tags in each package.json), import zones inside core and run. The types are those of the project that a file is in.
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { importZones } from './tools/scripts/eslint/import-zones.mjs';
import { core, importsOf, run } from './tools/scripts/eslint/zones.mjs';

// Without a cached project graph (fresh clone) the boundary rule would skip itself with a mere warning: make one.
await createProjectGraphAsync({ exitOnError: false, resetDaemonClient: true });

const publicNames = 'Import a package by its public name: `@espalier/<name>`.';

const boundaries = {
  plugins: { '@nx': nx },
  rules: {
    '@nx/enforce-module-boundaries': [
      'error',
      {
        enforceBuildableLibDependency: true,
        allow: [],
        depConstraints: [
          { sourceTag: 'scope:core', onlyDependOnLibsWithTags: ['scope:core'] },
          { sourceTag: 'scope:backend', onlyDependOnLibsWithTags: ['scope:core', 'scope:testing'] },
          { sourceTag: 'scope:testing', onlyDependOnLibsWithTags: ['scope:core'] },
          { sourceTag: 'scope:plugins', onlyDependOnLibsWithTags: ['scope:core', 'scope:testing'] },
          {
            sourceTag: 'scope:run',
            onlyDependOnLibsWithTags: ['scope:core', 'scope:plugins', 'scope:backend', 'scope:testing'],
          },
          { sourceTag: 'scope:tools', onlyDependOnLibsWithTags: ['*'] },
        ],
      },
    ],
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            // Entry points of their own: `@espalier/core/graph`; `@espalier/core/words` and `@espalier/run/secrets`, which whatever prints needs, and soon.
            regex: '^@espalier/[^/]+/(?!(?:graph|package\\.json|secrets|words)$)',
            message: publicNames,
          },
        ],
      },
    ],
  },
};

const restrictedSyntax = [
  {
    selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
    message: '`as unknown as T` hides a type error: narrow the value, or parse it at the edge.',
  },
  {
    selector: 'ImportExpression > Literal[value=/^@espalier\\u002f[^\\u002f]+\\u002f/]',
    message: publicNames,
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
];

const aDefault = [
  ...['Literal', 'UnaryExpression', 'TemplateLiteral', 'ArrayExpression', 'ObjectExpression', 'NewExpression'].map(
    (type) => `[right.type="${type}"]`,
  ),
  '[right.name=/^(NaN|Infinity)$/]',
].join(', ');
// Optional properties (`options.folds ?? 3`), counts in a map and the fields of process.env may have defaults.
const anElement = [
  '[left.type="MemberExpression"][left.computed=true]:not([left.property.value=/^\\D/])',
  '[left.callee.property.name="at"]',
  '[left.expression.computed=true][left.expression.property.type!="Literal"]',
  '[left.expression.callee.property.name="at"]',
].join(', ');
const silentDefault = {
  selector: `LogicalExpression[operator="??"]:matches(${anElement}):matches(${aDefault})`,
  message:
    'A default for an element goes on with a wrong value where the index is wrong: `at(list, index)` or `present(found, what)` throws. Where nothing may be there, say so with `=== undefined`.',
};

const RUNTIME_FILE = 'packages/backend-ort/src/runtime.ts';
const runtimeLibrary = {
  selector: 'Literal[value=/^onnxruntime-(node|web)(\\u002f|$)/]',
  message: `Only ${RUNTIME_FILE} loads ONNX Runtime: it turns its telemetry off first.`,
};

const typed = {
  files: ['**/*.ts'],
  extends: [tseslint.configs.strictTypeChecked],
  languageOptions: { parserOptions: { project: true, tsconfigRootDir: import.meta.dirname } },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
  rules: {
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-restricted-syntax': ['error', ...restrictedSyntax, runtimeLibrary],
    '@typescript-eslint/consistent-type-imports': 'error',
    '@typescript-eslint/no-import-type-side-effects': 'error',
    '@typescript-eslint/explicit-module-boundary-types': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    '@typescript-eslint/no-confusing-void-expression': 'off', // `return fail(…)` reads well
    '@typescript-eslint/unbound-method': 'off', // interfaces here are records of functions; none uses `this`
    // Loops over typed arrays index within a bound that the compiler cannot see.
    '@typescript-eslint/no-non-null-assertion': 'off',
  },
};

const zoned = (own) => ({
  files: [`${own.root}/**/*.ts`],
  plugins: { espalier: { rules: { 'import-zones': importZones } } },
  rules: { 'espalier/import-zones': ['error', { root: own.root, zones: importsOf(own) }] },
});

export default defineConfig(
  { ignores: ['site', '**/dist', '**/node_modules', '.nx', '**/runs', 'coverage'] },
  { files: ['**/*.{ts,js,mjs}'], ...boundaries, languageOptions: { parser: tseslint.parser } },
  typed,
  {
    files: ['**/*.ts'],
    ignores: ['**/*.spec.ts'], // a test sees a wrong value
    rules: { 'no-restricted-syntax': ['error', ...restrictedSyntax, runtimeLibrary, silentDefault] },
  },
  { files: [RUNTIME_FILE], rules: { 'no-restricted-syntax': ['error', ...restrictedSyntax, silentDefault] } },
  // The one file that takes lint rules from a package by path.
  { files: ['eslint.config.mjs'], rules: { '@nx/enforce-module-boundaries': 'off' } },
  { files: ['vitest.config.ts'], languageOptions: { parserOptions: { project: './examples/tsconfig.json' } } },
  {
    // A table of one-line functions whose types its annotation gives.
    files: ['packages/plugins/src/tinytales/situations.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  zoned(core),
  { ...zoned(run), ignores: ['**/*.spec.ts'] }, // specs there try whole runs
);
