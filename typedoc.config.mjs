// The site: the pages of docs/ under their own titles, in sections, and the public API; one search over both. Options of strategies are described in their schemas, where recipes and pages read them: a member that
// has such a description needs no comment beside it.
import * as ort from '@espalier/backend-ort';
import * as tfjs from '@espalier/backend-tfjs';
import * as plugins from '@espalier/plugins';
import { chapters, siteShape } from './docs/layout/shape.mjs';

/** Full names of described options below a schema. */
function described(prefix, schema) {
  if (schema?.element !== undefined) return members(prefix, schema.element.shape ?? {});
  if (schema?.unwrap !== undefined) return described(prefix, schema.unwrap());
  if (schema?.shape !== undefined)
    return Object.entries(schema.shape).flatMap(([key, member]) => {
      const name = `${prefix}.__type.${key}`;
      return member.description === undefined && member.unwrap?.().description === undefined
        ? []
        : [name, ...described(name, member)];
    });
  return members(prefix, schema?.enum ?? {});
}

/** Values of a choice, and members of a list's items: the description of the option tells them. */
function members(prefix, own) {
  return Object.keys(own).map((key) => `${prefix}.__type.${key}`);
}

const strategies = (folder, module) =>
  Object.entries(module).flatMap(([name, own]) => described(`${folder}.${name}`, own?.options ?? own));

/** Values of choices in the schemas of recipes and findings, which the choice describes. */
const runChoices = Object.entries({
  'recipeSchema.__type.steps.__type.from': ['model', 'previous'],
  'recipeSchema.__type.steps.__type.compare': ['lm-loss', 'scratch'],
  'findings.__type.scores.__type.profile.__type.order': ['index', 'rank'],
  'findings.__type.measures.__type.measures.__type.better': ['lower', 'higher'],
  'findings.__type.measures.__type.measures.__type.form': ['count', 'share'],
}).flatMap(([choice, values]) => values.map((own) => `@espalier/run.${choice}.__type.${own}`));

export default {
  name: 'Espalier',
  entryPoints: [
    'packages/run/src/index.ts',
    'packages/core/src/index.ts',
    'packages/core/src/index-graph.ts',
    'packages/testing/src/index.ts',
    'packages/plugins/src/index.ts',
    'packages/backend-ort/src/index.ts',
    'packages/backend-tfjs/src/index.ts',
  ],
  tsconfig: 'tsconfig.check.json',
  out: 'site',
  readme: 'README.md',
  projectDocuments: [...Object.values(chapters).flat(), 'docs/strategies/*/*.md'],
  plugin: [siteShape],
  customCss: 'docs/layout/layout.css',
  searchInDocuments: true,
  navigation: { includeGroups: true },
  groupOrder: [...Object.keys(chapters), 'Modules', 'Strategies'],
  hideGenerator: true,
  disableGit: true,
  disableSources: true,
  validation: {
    invalidLink: true,
    notExported: false,
    notDocumented: true,
  },
  treatValidationWarningsAsErrors: true,
  requiredToBeDocumented: [
    'Enum',
    'EnumMember',
    'Variable',
    'Function',
    'Class',
    'Interface',
    'Property',
    'Method',
    'Accessor',
    'TypeAlias',
  ],
  packagesRequiringDocumentation: [
    'espalier',
    '@espalier/core',
    '@espalier/testing',
    '@espalier/plugins',
    '@espalier/backend-ort',
    '@espalier/backend-tfjs',
  ],
  intentionallyNotDocumented: [
    ...runChoices,
    ...strategies('@espalier/plugins', plugins),
    ...strategies('@espalier/backend-ort', ort),
    ...strategies('@espalier/backend-tfjs', tfjs),
  ],
};
