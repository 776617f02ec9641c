// Every backend and device, whether it can be used here, and how fast it is: the data behind `espalier devices`.
import {
  createGenerator,
  createStrategy,
  random,
  stateNames,
  strategies,
  trainProgram,
  trainStateTypes,
  weightSpecs,
  type Model,
  type RunContainer,
} from '@espalier/core';
import { hostFloats, hostIntegers, selfTest, type Backend, type Device } from '@espalier/core/graph';

/** Speeds on the bundled teacher (1.2M parameters); what failed says why in `problem`. */
export interface DeviceSpeed {
  /** Float32 operations a second in matrix products. */
  readonly matmulRate?: number;
  /** Of a training step: batch 4 × 128, cross-entropy, AdamW. */
  readonly trainTokensPerSecond?: number;
  /** Of 4 sequences drawn side by side. */
  readonly generatedTokensPerSecond?: number;
  readonly problem?: string;
}

/** One line of the list. */
export interface DeviceReport extends Device {
  readonly backend: string;
  readonly speed?: DeviceSpeed;
}

const BATCH = 4;
const LENGTH = 128;
const GENERATED = 33;

/** Lists every device of every registered backend; with a model also measures those that can be used. */
export async function reportDevices(
  container: RunContainer,
  model: Model | undefined,
  show: (pair: string) => void,
): Promise<readonly DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const { name } of strategies(container, 'backend')) {
    const backend = createStrategy(container, 'backend', name);
    for (const device of await backend.devices()) {
      const measured = model !== undefined && device.unavailable === undefined;
      if (measured) show(`${name}:${device.name}`);
      const speed = measured ? await measure(container, backend, device.name, model) : undefined;
      reports.push({ backend: name, ...device, ...(speed === undefined ? {} : { speed }) });
    }
  }
  return reports;
}

async function measure(container: RunContainer, backend: Backend, device: string, model: Model): Promise<DeviceSpeed> {
  const test = await selfTest(backend, device);
  if (!test.passed) return { problem: test.problem };
  const { matmulRate } = test;
  try {
    const trainTokensPerSecond = await trainSpeed(container, backend, device, model);
    const generatedTokensPerSecond = await generationSpeed(backend, device, model);
    return { matmulRate, trainTokensPerSecond, generatedTokensPerSecond };
  } catch (error) {
    return { matmulRate, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function trainSpeed(container: RunContainer, backend: Backend, device: string, model: Model): Promise<number> {
  const optimizer = createStrategy(container, 'optimizer', 'adamw');
  const losses = [{ term: createStrategy(container, 'loss', 'cross-entropy'), weight: 1 }];
  const options = { student: model, losses, optimizer, clipNorm: 1, batch: BATCH, length: LENGTH };
  const state = await backend.createState(trainStateTypes(options, { accumulate: false }), device);
  const executable = await backend.compile(trainProgram(options), device);
  try {
    for (const { name } of weightSpecs(model)) {
      const type = state.types[stateNames.student(name)];
      if (type === undefined) continue;
      await state.write({ [stateNames.student(name)]: hostFloats(await model.weights.read(name), type.shape) });
    }
    const stream = random(1);
    const ids = (): number[] =>
      Array.from({ length: BATCH * LENGTH }, () => stream.integer(model.architecture.sizes.vocab));
    const shape = [BATCH, LENGTH];
    const scalars = Object.entries(optimizer.scalars(1, 1e-3)).map(([name, value]) => {
      return [`optimizer/${name}`, hostFloats(value, [])] as const;
    });
    const feeds = {
      ids: hostIntegers(ids(), shape),
      targets: hostIntegers(ids(), shape),
      weights: hostFloats(1, shape),
      ...Object.fromEntries(scalars),
    };
    return (BATCH * LENGTH) / (await seconds(() => executable.run(feeds, state)));
  } finally {
    await executable.dispose();
    await state.dispose();
  }
}

async function generationSpeed(backend: Backend, device: string, model: Model): Promise<number> {
  const options = { batch: BATCH, length: GENERATED, temperature: 1 };
  const generator = await createGenerator(model, { backend, device }, options);
  try {
    return (BATCH * (GENERATED - 1)) / (await seconds(() => generator.sample(random(1))));
  } finally {
    await generator.dispose();
  }
}

/** Seconds of the faster of two runs, after one that is not timed. */
async function seconds(run: () => Promise<unknown>): Promise<number> {
  await run();
  let best = Infinity;
  for (let i = 0; i < 2; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}
