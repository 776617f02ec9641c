// `nx g @espalier/generators:family my-model`
import type { Tree } from '@nx/devkit';
import pluginGenerator from '../plugin/generator.js';

/** Writes a family of decoders and its test, and registers it. Throws for a name that is taken or not kebab-case. */
export default function familyGenerator(tree: Tree, { name }: { readonly name: string }): Promise<void> {
  return pluginGenerator(tree, { name, kind: 'family' });
}
