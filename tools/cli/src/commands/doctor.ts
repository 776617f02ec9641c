// `espalier doctor`: what this machine has, and what can be done with it in a given time.
import {
  chooseArchitecture,
  createStrategy,
  loadShape,
  modelParameters,
  parseTarget,
  type ModelShape,
} from '@espalier/core';
import {
  capacitiesOf,
  createWorkbench,
  expandTarget,
  formatBytes,
  formatCount,
  formatPercent,
  hubAccess,
  largestModels,
  locateConfig,
  readGpus,
  readMachine,
  type Capacity,
  type GpuTable,
  type Machine,
  type ModelCapacity,
} from '@espalier/run';
import { z } from 'zod';
import { listDevices } from '../quiet-devices.js';
import { inform, noteLines } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';
import { machineRate } from './machine-rate.js';

const schema = z.object({
  model: z.string().optional(),
  revision: z.string().optional(),
  target: z.string(),
  hours: z.number(),
  run: z.string(),
  gpus: z.string().optional(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  offline: z.boolean().default(false),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed. */
export async function doctorCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const { model: name, revision, target, hours, run, gpus, threads, backend, offline, json } = schema.parse(given);
  const { container, context, families } = createWorkbench({ seed: 1, threads, backend });
  const table = await readGpus(gpus);
  const machine = await readMachine(run);
  const model =
    name === undefined
      ? undefined
      : await loadShape(await locateConfig(name, revision, await hubAccess(process.env, inform, offline)), families);
  const search = createStrategy(container, 'search', 'proportional-width');
  const student = model && {
    ...model,
    architecture: chooseArchitecture(search, model, parseTarget(expandTarget(target))),
  };
  noteLines('measuring this machine for two seconds (Ctrl-C ends it)');
  const rate = await machineRate(context);
  const devices = await listDevices(container, signal);
  const means = { rate, seconds: hours * 3600, memory: machine.memory };
  const largest = largestModels(means);
  const own = model && student && { model, student, work: capacitiesOf(model, student, means) };
  if (json) {
    const work = own && { parameters: modelParameters(own.model).parameters, work: own.work };
    printJson({ machine, rate, devices, hours, largest, ...(work && { model: { name, ...work } }), gpus: table.gpus });
    return;
  }
  printLines(
    ...machineLines(machine, rate, run),
    `devices ${devices.flatMap((own) => (own.unavailable === undefined ? [`${own.backend}:${own.name}`] : [])).join(', ')} ("espalier devices" lists all, and what the others need)`,
    '',
    `In ${hours} h and this memory, at most (activations and attention left out):`,
    ...largest.map(largestLine),
    ...(own === undefined ? [] : ['', ...modelLines(name ?? '', own, hours, target)]),
    '',
    ...elsewhereLines(table, hours),
  );
}

function machineLines({ memory, available, cores, disk }: Machine, rate: number, run: string): readonly string[] {
  return [
    `memory  ${formatBytes(memory)}, ${formatBytes(available)} free`,
    `disk    ${disk === undefined ? 'not known' : `${formatBytes(disk)} free for ${run}`}`,
    `cores   ${cores}`,
    `speed   ${(rate / 1e9).toFixed(0)} GFLOP/s in training, as measured just now`,
  ];
}

const does: Readonly<Record<Capacity['work'], string>> = {
  calibrate: 'calibrate on 1,024 × 256 tokens',
  distil: 'distil to half, 16 tokens a parameter',
};

function largestLine({ work, parameters, bound }: Capacity): string {
  return `  ${does[work].padEnd(38)} ${formatCount(parameters).padStart(6)} parameters (${bound} ends it)`;
}

function modelLines(
  name: string,
  { model, student, work }: { model: ModelShape; student: ModelShape; work: readonly ModelCapacity[] },
  hours: number,
  target: string,
): readonly string[] {
  const [own, less] = [model, student].map((shape) => formatCount(modelParameters(shape).parameters));
  return [
    `${name} (${own} parameters) to ${target} (${less}):`,
    ...work.map(({ work: kind, tokens, bytes, fits }) => {
      const read = tokens === undefined ? '' : `, ${formatCount(tokens)} tokens in ${hours} h`;
      return `  ${kind.padEnd(9)} ${fits ? 'fits' : 'does not fit'}: ${formatBytes(bytes)}${fits ? read : ''}`;
    }),
  ];
}

function elsewhereLines({ utilisation, gpus }: GpuTable, hours: number): readonly string[] {
  const width = Math.max(...gpus.map((own) => own.name.length));
  return [
    `Elsewhere, at ${formatPercent(utilisation, 0)} of the peak in bfloat16 (assumed; --gpus FILE), distilling to half in ${hours} h:`,
    ...gpus.map(({ name, flops, memory }) => {
      const distil = largestModels({ rate: utilisation * flops, seconds: hours * 3600, memory }).find(
        ({ work }) => work === 'distil',
      );
      const { parameters, bound } = distil ?? { parameters: NaN, bound: 'time' };
      return `  ${name.padEnd(width)} ${formatCount(parameters).padStart(6)} parameters (${bound} ends it)`;
    }),
  ];
}
