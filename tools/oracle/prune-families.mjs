// Prunes the tiny checkpoint of every family along each axis and exports what is left, for families.py to load:
// node prune-families.mjs <folder of the checkpoints> <folder for the results>. Runs what `npm run build` has made.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyPlan, exportModel, planArchitecture, random } from '@espalier/core';
import * as families from '@espalier/plugins';
import { fixtureModel, randomPlan } from '@espalier/testing';

const axes = ['hidden', 'ffn', 'heads', 'kvHeads', 'layers', 'attention', 'feedForward'];
const [, , from, to] = process.argv;

/** The first random plan whose shape transformers takes. */
function loadablePlan({ architecture, family }, which, stream) {
  for (;;) {
    const plan = randomPlan(architecture, which, stream);
    if (family.problem?.(planArchitecture(architecture, plan)) === undefined) return plan;
  }
}

for (const name of await readdir(from)) {
  const { model_type: type } = JSON.parse(await readFile(join(from, name, 'config.json'), 'utf8'));
  const model = await fixtureModel(join(from, name), families[type]);
  const { heads, kvHeads } = model.architecture.sizes;
  // Where a group is one head, heads go with their groups.
  const own = axes.filter((axis) => axis !== 'heads' || heads > kvHeads);
  const cuts = [...own.map((axis) => [axis, [axis]]), ['all', own]];
  const plans = cuts.map(([cut, which]) => [cut, loadablePlan(model, which, random(9).fork(name).fork(cut))]);
  for (const [cut, plan] of plans) {
    await mkdir(join(to, name), { recursive: true });
    await exportModel(applyPlan(model, plan), join(to, name, cut));
  }
  await writeFile(join(to, `${name}.json`), JSON.stringify(Object.fromEntries(plans)));
}
