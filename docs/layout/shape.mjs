// What the site has that typedoc does not give by itself: documents are called by their first heading, stand in chapters, and
// packages by their names.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Converter, JSX, ReflectionKind } from 'typedoc';

/** Chapters of the site in order, with their pages; those of strategies are a chapter of their own. */
export const chapters = {
  'Begin here': ['docs/getting-started.md', 'docs/concepts.md', 'docs/how-to.md', 'docs/troubleshooting.md'],
  Reference: ['docs/recipes.md', 'docs/recipe.md', 'docs/commands.md', 'docs/events.md', 'docs/library.md'],
  Plugins: [
    'docs/plugins.md',
    'docs/2.add-a-scorer.md',
    'docs/3.add-a-loss.md',
    'docs/4.add-a-pruner.md',
    'docs/5.add-a-backend.md',
    'docs/6.add-a-family.md',
    'docs/7.training-seams.md',
  ],
  Background: [
    'docs/1.data-flow.md',
    'docs/decisions.md',
    'docs/measured.md',
    'docs/study.md',
    'docs/threat-model.md',
    'docs/third-party.md',
  ],
};

const placed = Object.values(chapters).flat();
const lost = readdirSync('docs').filter((name) => name.endsWith('.md') && !placed.includes(`docs/${name}`));
if (lost.length > 0) throw new Error(`docs/layout/shape.mjs gives no chapter to ${lost.join(', ')}`);

/** Chapters that are open until the reader closes them. */
const open = Object.keys(chapters).slice(0, 3);
const opening = `try { for (const name of ${JSON.stringify(open)}) {
  const key = 'tsd-accordion-' + name;
  if (localStorage.getItem(key) === null) localStorage.setItem(key, 'true');
} } catch {}`;

const heading = /^# (.+)\n*/;

/** A plugin of typedoc. */
export function siteShape(app) {
  app.renderer.hooks.on('head.end', () =>
    JSX.createElement('script', null, JSX.createElement(JSX.Raw, { html: opening })),
  );
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const page of project.documents ?? []) {
      const file = path.relative('.', project.files.getReflectionPath(page)).split(path.sep).join('/');
      const [, title] = heading.exec(readFileSync(file, 'utf8')) ?? [];
      page.name = (title ?? page.name).replaceAll('`', '');
      const [chapter] = Object.entries(chapters).find(([, pages]) => pages.includes(file)) ?? ['Strategies'];
      page.frontmatter.group = chapter;
    }
    for (const own of project.getChildrenByKind(ReflectionKind.Module))
      own.name = `@espalier/${own.name.replace('/src', '')}`;
    const [first] = project.readme ?? [];
    if (first !== undefined) first.text = first.text.replace(heading, ''); // typedoc writes the title itself
  });
}
