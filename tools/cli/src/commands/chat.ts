// `espalier chat`: a conversation with a model, or with a run's teacher and student side by side.
import { createInterface } from 'node:readline';
import { basename } from 'node:path';
import { InputError, loadModel, random, type LoadedModel } from '@espalier/core';
import {
  createWorkbench,
  holdsRun,
  hubAccess,
  loadPlugins,
  locateModel,
  readRecord,
  startBackend,
  trainedStudent,
} from '@espalier/run';
import { z } from 'zod';
import { pipedLines } from '../chat/piped-lines.js';
import { openChatTemplate, type ChatTemplate } from '../chat/template.js';
import { createConversation, type Conversation } from '../chat/conversation.js';
import { inform, noteLines, say } from '../terminal/notes.js';
import { printPart } from '../terminal/print.js';
import { writingFlags } from './writing.js';

const schema = writingFlags.extend({ system: z.string().optional() });

/** What can be said beside what is answered. */
const help = [
  '/new begins another conversation, /help says this again; all else is answered',
  'Ctrl-C ends an answer, Ctrl-D the conversation',
];

/** Someone who answers. */
interface Speaker {
  readonly name: string;
  readonly conversation: Conversation;
}

/** Runs the verb with what is to answer and the flags that commander has parsed. */
export async function chatCommand(names: readonly string[], given: unknown, signal: AbortSignal): Promise<void> {
  const { revision, offline, system, maxNewTokens, temperature, topP, seed, threads, backend, plugin } =
    schema.parse(given);
  const bench = createWorkbench({ seed, threads, backend, plugins: await loadPlugins(plugin, process.cwd()) });
  await startBackend(bench.context.backend);
  const hub = await hubAccess(process.env, inform, offline);
  const wanted = (await Promise.all(names.map((name) => speakersOf(name)))).flat();
  const open: LoadedModel[] = [];
  const templates: ChatTemplate[] = [];
  const speakers: Speaker[] = [];
  try {
    for (const { name, model: source } of wanted) {
      const path = await locateModel(source, revision, hub);
      const loaded = await loadModel(path, bench.families);
      open.push(loaded);
      const template = await openChatTemplate(path);
      if (template !== undefined) templates.push(template);
      if (template === undefined) say(`${name} has no chat template: what you write is a text that it goes on with`);
      const options = { temperature, topP, tokens: maxNewTokens };
      speakers.push({ name, conversation: createConversation(loaded.model, template, bench.context, options, system) });
    }
    await converse(speakers, random(seed).fork('chat'), signal);
  } finally {
    for (const { conversation } of speakers) await conversation.dispose();
    for (const { close } of open) await close();
    for (const { close } of templates) close();
  }
}

/** A run answers as its teacher and as its student; one whose model was pretrained has no model before it. */
async function speakersOf(name: string): Promise<readonly { readonly name: string; readonly model: string }[]> {
  if (!(await holdsRun(name))) return [{ name: basename(name), model: name }];
  const { recipe, record } = await readRecord(name);
  const { row, folder } = await trainedStudent(name);
  const student = { name: row, model: folder };
  return recipe.pretraining === undefined ? [{ name: 'teacher', model: record.model.folder }, student] : [student];
}

async function converse(
  speakers: readonly Speaker[],
  stream: ReturnType<typeof random>,
  signal: AbortSignal,
): Promise<void> {
  const terminal = process.stdin.isTTY
    ? createInterface({ input: process.stdin, output: process.stderr, prompt: '> ' })
    : undefined;
  let answering: AbortController | undefined;
  let turn = 0;
  const interrupted = (): void => {
    if (answering === undefined) terminal?.close();
    else answering.abort(new Error('interrupted'));
  };
  terminal?.on('SIGINT', interrupted);
  const end = (): void => {
    answering?.abort(signal.reason);
    terminal?.close();
  };
  signal.addEventListener('abort', end, { once: true });
  if (terminal !== undefined) noteLines(...help);
  const answerAll = async (line: string): Promise<void> => {
    const said = line.trim();
    if (said === '/new') {
      for (const { conversation } of speakers) conversation.restart();
      return;
    }
    if (said === '/help') return noteLines(...help);
    if (said === '') return;
    answering = new AbortController();
    turn += 1;
    try {
      for (const { name, conversation } of speakers) {
        if (answering.signal.aborted) break;
        if (speakers.length > 1) printPart(`${name}: `);
        await conversation.answer(line, stream.fork(turn), printPart, answering.signal);
        printPart('\n');
        if (conversation.left > 0)
          say(`${name} no longer sees the first ${conversation.left / 2} turns: its context is full`);
      }
    } finally {
      answering = undefined;
    }
  };
  try {
    terminal?.prompt();
    for await (const line of terminal ?? pipedLines(process.stdin, signal)) {
      if (signal.aborted) break; // a pipe may hold many more
      await answerAll(line).catch((error: unknown) => {
        if (terminal === undefined || !(error instanceof InputError)) throw error;
        say(error.message); // whoever sits there says it in other words
      });
      terminal?.prompt();
    }
  } finally {
    signal.removeEventListener('abort', end);
    terminal?.close();
  }
  signal.throwIfAborted();
}
