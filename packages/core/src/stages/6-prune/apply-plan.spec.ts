// Cutting weights that are numbered through, so that every value tells where it came from.
import { expect, test } from 'vitest';
import type { StoredTensor } from '../../backend/index.js';
import { present } from '../../look-up.js';
import { fullPlan, weightSpecs, type PrunePlan } from '../../model/index.js';
import { toyArchitecture, toyFamily, toyModel } from '../testing/toy-model.js';
import { applyPlan } from './apply-plan.js';

const plan: PrunePlan = {
  layers: [0, 2],
  hidden: [3, 1],
  ffn: [[0], [5]],
  heads: [[1], [2]],
  kvHeads: [[0], [1]],
};

/** The toy's weights are numbered 0 table, 1…4 of layer 0, 5…8 of layer 1, 9…12 of layer 2, 13 norm. */
test.each([
  ['table', [3, 1, 7, 5, 11, 9, 15, 13, 19, 17]],
  ['0.q', [1011, 1009, 1015, 1013]], // head 1 = rows 2 and 3 of 4 channels
  ['0.k', [2003, 2001, 2007, 2005]],
  ['0.in', [3003, 3001]],
  ['0.out', [4018, 4006]], // [hidden, ffn] = [4, 6]: rows 3 and 1, column 0
  ['1.q', [9019, 9017, 9023, 9021]], // from layer 2, head 2
  ['1.k', [10011, 10009, 10015, 10013]],
  ['1.in', [11023, 11021]],
  ['1.out', [12023, 12011]],
  ['norm', [13003, 13001]],
])('%s is cut along its named axes', async (name, values) => {
  expect([...(await applyPlan(toyModel(), plan).weights.read(name))]).toEqual(values);
});

test('shape, config and storage types follow', () => {
  const { architecture, config, storageTypes } = applyPlan(toyModel(), plan);
  expect(architecture.layers).toBe(2);
  expect(architecture.sizes).toEqual({ vocab: 5, hidden: 2, ffn: 1, heads: 1, kvHeads: 1, headDim: 2 });
  expect(config).toEqual({ model_type: 'toy', layers: 2, hidden: 2, other: 'kept' });
  expect([...storageTypes.keys()].toSorted()).toEqual(
    toyFamily
      .weights(architecture)
      .map(({ name }) => name)
      .toSorted(),
  );
  expect([storageTypes.get('0.q'), storageTypes.get('1.q')]).toEqual(['F16', 'BF16']); // those of 0.q and 2.q
});

test('the full plan changes nothing', async () => {
  const [before, after] = [toyModel(), applyPlan(toyModel(), fullPlan(toyArchitecture))];
  expect(after.architecture).toEqual(before.architecture);
  for (const { name } of toyFamily.weights(toyArchitecture)) {
    expect(await after.weights.read(name)).toEqual(await before.weights.read(name));
  }
});

test('halves of layers go, and what is there keeps its place; of what is not there the storage type is still known', async () => {
  const halves = { ...plan, withoutAttention: [2], withoutFeedForward: [0] };
  const student = applyPlan(toyModel(), halves);
  expect(student.architecture).toMatchObject({ layers: 2, withoutAttention: [1], withoutFeedForward: [0] });
  const names = toyFamily.weights(student.architecture).map(({ name }) => name);
  expect(names).toEqual(['table', '0.q', '0.k', '1.in', '1.out', 'norm']);
  expect([...(await student.weights.read('1.in'))]).toEqual([11023, 11021]);
  await expect(student.weights.read('1.q')).rejects.toThrow('no weight "1.q"');
  expect(student.storageTypes.get('1.q')).toBe('BF16');
  const twice = applyPlan(student, {
    ...fullPlan(student.architecture),
    layers: [1],
    ffn: [[0]],
    heads: [[0]],
    kvHeads: [[0]],
  });
  expect(twice.architecture.withoutAttention).toEqual([0]);
  expect(twice.architecture.withoutFeedForward).toBeUndefined();
  expect([...(await twice.weights.read('0.in'))]).toEqual([11023, 11021]);
});

test('plans on plans: cutting twice is cutting once', async () => {
  const twice = applyPlan(applyPlan(toyModel(), { ...fullPlan(toyArchitecture), hidden: [3, 0, 1] }), {
    ...fullPlan({ ...toyArchitecture, sizes: { ...toyArchitecture.sizes, hidden: 3 } }),
    hidden: [0, 2],
  });
  const once = applyPlan(toyModel(), { ...fullPlan(toyArchitecture), hidden: [3, 1] });
  for (const { name } of toyFamily.weights(toyArchitecture)) {
    expect(await twice.weights.read(name)).toEqual(await once.weights.read(name));
  }
});

test('nothing is read before a weight is asked for, and then that one source only', async () => {
  const model = toyModel();
  const reads: string[] = [];
  const weights = {
    read(name: string) {
      reads.push(name);
      return model.weights.read(name);
    },
  };
  const student = applyPlan({ ...model, weights }, plan);
  expect(reads).toEqual([]);
  await student.weights.read('1.in');
  expect(reads).toEqual(['2.in']);
  await student.weights.read('1.in');
  expect(reads).toEqual(['2.in', '2.in']); // nothing is kept either
});

test('a checkpoint whose values do not fill the shape is an error that names the weight', async () => {
  const lying = { ...toyModel(), weights: { read: () => Promise.resolve(new Float32Array(7)) } };
  await expect(applyPlan(lying, plan).weights.read('norm')).rejects.toThrow(
    'read weight norm: its source gives 7 values, [4] has 4. Give the config.json that belongs to these weights.',
  );
  await expect(applyPlan(lying, fullPlan(toyArchitecture)).weights.read('norm')).rejects.toThrow('gives 7 values');
});

test('a weight that the student does not have is an error', async () => {
  await expect(applyPlan(toyModel(), plan).weights.read('2.q')).rejects.toThrow('no weight "2.q"');
});

test.each<[string, Partial<PrunePlan>]>([
  ['the plan keeps no layers', { layers: [], ffn: [], heads: [], kvHeads: [] }],
  ['the plan keeps hidden 4, outside 0…3', { hidden: [0, 4] }],
  ['the plan keeps an index of hidden twice', { hidden: [1, 1] }],
  ['the plan has ffn for 1 layers and keeps 2', { ffn: [[0]] }],
  ['different numbers of ffn in different layers: 1, 2', { ffn: [[0], [0, 1]] }],
  ['the plan removes a part of layer 1 (0-based), which it does not keep', { withoutAttention: [1] }],
  ['the plan merges heads in 1 layers and keeps 2', { mergedHeads: [[]] }],
  ['in layer 2 (0-based) the kept heads are not equally many in each kept key/value group', { heads: [[1], [1]] }],
])('a plan that does not fit is refused: %s', (message, change) => {
  expect(() => applyPlan(toyModel(), { ...plan, ...change })).toThrow(message);
});

test('ranges of cut weights are those of the whole ones, in any order of the kept indices, merged heads too', async () => {
  const orders: PrunePlan = {
    ...plan,
    ffn: [
      [4, 0, 2],
      [5, 1, 3],
    ],
    mergedHeads: [[{ into: 1, from: 0 }], []],
  };
  const student = applyPlan(toyModel(), orders);
  expect([...(await student.weights.read('0.q'))]).toEqual([1019, 1017, 1023, 1021]); // 2·(rows 2, 3) − (rows 0, 1)
  for (const spec of toyFamily.weights(student.architecture)) {
    const whole = await student.weights.read(spec.name);
    for (let begin = 0; begin <= whole.length; begin++)
      for (let end = begin; end <= whole.length; end++)
        expect(await student.weights.range?.(spec.name, begin, end), spec.name).toEqual(whole.slice(begin, end));
  }
});

test('a model without ranges has none when it is cut either', () => {
  const { weights } = toyModel();
  expect(
    applyPlan({ ...toyModel(), weights: { read: (name) => weights.read(name) } }, plan).weights.range,
  ).toBeUndefined();
});

test('where whole rows stay that follow one another, the cut weight is a stretch of the stored one, bit for bit', async () => {
  const before = toyModel();
  const names = weightSpecs(before).map(({ name }) => name);
  const values = await Promise.all(names.map((name) => before.weights.read(name)));
  const file = new Map(
    names.map((name, index) => [name, values.slice(0, index).reduce((n, own) => n + own.length, 0)]),
  );
  const bytes = Float32Array.from(values.flatMap((own) => [...own]));
  const stored = (name: string): StoredTensor => ({
    type: 'F32',
    file: 'weights',
    offset: 4 * present(file.get(name), name),
    bytes: 4 * present(values[names.indexOf(name)], name).length,
  });
  const searched: string[] = [];
  const check = (name: string): Promise<void> => Promise.resolve(void searched.push(name));
  const model = { ...before, weights: { ...before.weights, stored, check } };
  const lying = async (own: PrunePlan): Promise<readonly string[]> => {
    const student = applyPlan(model, own);
    const found: string[] = [];
    for (const { name } of weightSpecs(student)) {
      const place = student.weights.stored?.(name);
      if (place === undefined) continue;
      found.push(name);
      const part = bytes.slice(place.offset / 4, (place.offset + place.bytes) / 4);
      expect(part, name).toEqual(await student.weights.read(name));
    }
    return found;
  };
  const whole = fullPlan(toyArchitecture);
  const pick = <T>(lists: readonly T[]): readonly T[] => [0, 2].map((layer) => present(lists[layer], 'a layer'));
  const shallow = {
    ...whole,
    layers: [0, 2],
    ffn: pick(whole.ffn),
    heads: pick(whole.heads),
    kvHeads: pick(whole.kvHeads),
  };
  const all = ['table', '0.q', '0.k', '0.in', '0.out', '1.q', '1.k', '1.in', '1.out', 'norm'];
  expect(await lying(shallow)).toEqual(all);
  const ffn = [
    [2, 3, 4],
    [1, 3, 5],
  ];
  const heads = [
    [1, 2],
    [0, 3],
  ];
  expect(await lying({ ...shallow, ffn, heads })).toEqual(['table', '0.q', '0.k', '0.in', '1.k', 'norm']);
  const middle = [
    [1, 2],
    [1, 2],
  ];
  expect(await lying({ ...shallow, heads: middle, mergedHeads: [[{ into: 1, from: 0 }], []] })).toEqual(
    all.filter((name) => name !== '0.q'),
  );
  expect(applyPlan(before, shallow).weights.stored?.('table')).toBeUndefined();
  await applyPlan(model, shallow).weights.check?.('1.in');
  expect(searched).toEqual(['2.in']);
});
