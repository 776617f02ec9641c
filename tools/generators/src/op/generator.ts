// `nx g @espalier/generators:op soft-plus`: a composite, which is how an op joins the graph without every backend having to
// learn it: its body is its meaning, its gradient follows, and a backend with a kernel for it may use that.
import { formatFiles, type Tree } from '@nx/devkit';
import { camelCase, nameProblem } from '../names.js';

/** Writes a composite and its test into core and exports it; the test of its gradient goes to `@espalier/testing`. Throws for a name that is taken or not kebab-case. */
export default async function opGenerator(tree: Tree, { name }: { readonly name: string }): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const folder = 'packages/core/src/graph/composites';
  const file = `${folder}/${name}.ts`;
  if (tree.exists(file)) throw new Error(`${file} is there already: choose another name`);
  const own = camelCase(name);
  tree.write(file, source(own));
  tree.write(`${folder}/${name}.spec.ts`, spec(name, own));
  tree.write(`packages/testing/src/composites/${name}.spec.ts`, gradientSpec(own));
  const index = `${folder}/index.ts`;
  tree.write(index, `${tree.read(index, 'utf8') ?? ''}export { ${own} } from './${name}.js';\n`);
  await formatFiles(tree);
}

function source(own: string): string {
  return `// What ${own} is, in a line or two.
import { add, applyComposite, exp, log } from '../build.js';
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
import { floats } from './operands.js';

const ${own}Definition: CompositeDefinition<undefined> = {
  name: '${own}',
  body(inputs) {
    const [x] = floats(inputs, 1);
    return log(add(exp(x), 1));
  },
};

/** log(eˣ + 1), elementwise: any float tensor gives one of its shape (say where the formula is from). */
export function ${own}<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return applyComposite(${own}Definition, [x], undefined);
}
`;
}

function spec(name: string, own: string): string {
  return `// ${own}: values against JavaScript's.
import { expect, test } from 'vitest';
import { constant } from '../build.js';
import { evaluate } from '../evaluate.js';
import { ${own} } from './${name}.js';

test('values', () => {
  const { y } = evaluate({ y: ${own}(constant([-1, 0, 2], [3], 'float32')) }, {});
  [-1, 0, 2].forEach((x, index) => expect(y[index]).toBeCloseTo(Math.log(Math.exp(x) + 1), 12));
});
`;
}

function gradientSpec(own: string): string {
  return `// The gradient of ${own} against differences.
import { ${own} } from '@espalier/core/graph';
import { expect, test } from 'vitest';
import { exactly, floats } from '../draws.js';
import { gradientErrors } from '../finite-difference.js';
import { graphCase } from '../graph-case.js';

test('gradient', () => {
  const errors = gradientErrors(graphCase('${own}', { x: floats([4], exactly(-2, -0.5, 0.5, 2)) }, ({ x }) => ${own}(x)));
  expect(errors['x']).toBeLessThan(1e-6);
});
`;
}
