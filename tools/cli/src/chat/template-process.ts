// A chat template is a program of whoever made the model: it is rendered in a process of its own, with bounded time and memory. (A thread
// with bounded memory would not do: one large allocation ends the whole process.)
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { z } from 'zod';

/** Milliseconds that a template may take. */
const DEADLINE = 2000;
/** Megabytes of its heap: a conversation that fills the longest context has some ten. */
const MEMORY = 64;

/** What a template is given. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/** A process that renders one template. */
export interface TemplateProcess {
  /** The text; without values the template is read and nothing rendered. Rejects where the template refuses them, or takes too long or too much. */
  render(values?: TemplateValues): Promise<string>;
  close(): void;
}

const jinja = createRequire(import.meta.url).resolve('@huggingface/jinja');

// The deadline is the process's own: it holds where nobody is left to end it.
const script = `
  const { Script } = require('node:vm');
  const { Template } = require(${JSON.stringify(jinja)});
  const script = new Script('work()');
  process.on('SIGINT', () => {});
  process.on('message', ({ text, values }) => {
    globalThis.work = () => {
      const template = new Template(text);
      return values ? template.render(values) : '';
    };
    try {
      process.send({ text: script.runInThisContext({ timeout: ${DEADLINE} }) });
    } catch (error) {
      const late = error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
      process.send({ problem: late ? 'it is not done after ${DEADLINE / 1000} seconds' : String(error.message) });
    }
  });`;

const answer = z.union([z.object({ text: z.string() }), z.object({ problem: z.string() })]);

/** Begins with the first text that is asked for. */
export function templateProcess(text: string): TemplateProcess {
  let child: ChildProcess | undefined;
  const begin = (): ChildProcess => {
    const begun = spawn(process.execPath, [`--max-old-space-size=${MEMORY}`, '-e', script], {
      // Nothing of ours: secrets are among it. Windows does without nothing but this.
      env: process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    begun.once('exit', () => (child = undefined));
    return begun;
  };
  return {
    async render(values) {
      const own = (child ??= begin());
      const given = await new Promise<unknown>((resolve, reject) => {
        const end = (work: () => void): void => {
          own.removeAllListeners('message').removeAllListeners('close').removeAllListeners('error');
          work();
        };
        own.once('message', (message: unknown) => end(() => resolve(message)));
        own.once('error', (error) => end(() => reject(error)));
        own.once('close', () => end(() => reject(new Error(`it takes more than ${MEMORY} MB of memory`))));
        own.send({ text, values });
      });
      const told = answer.parse(given);
      if ('problem' in told) throw new Error(told.problem);
      return told.text;
    },
    close() {
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}
