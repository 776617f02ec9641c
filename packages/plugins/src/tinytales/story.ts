// Puts a tale together: a plot, what others do meanwhile, all of it told in one order, and what can be asked about it.
import type { Random } from '@espalier/core';
import { lines } from './lines.js';
import { tell } from './narrator.js';
import { plan, plots } from './plots.js';
import { questionsOf, type Question } from './questions.js';
import { chance, createScene, type Beat, type Scene, type Split, type Thread } from './scene.js';
import { sideThreads, talk } from './side.js';

/** A told tale without its closing sentences, and what follows from it. */
export interface Story {
  readonly body: string;
  readonly questions: readonly Question[];
  readonly plot: string;
}

/** Tells one step of each thread at a time, in a random order that keeps each thread's own order. */
function interleave(scene: Scene, threads: readonly Thread[]): void {
  for (const beat of scene.random.shuffle(threads.flatMap((thread) => thread.opening))) beat();
  const waiting = threads.map((thread) => [...thread.middle]);
  let turn: Beat[] | undefined;
  for (;;) {
    const open = waiting.filter((beats) => beats.length > 0);
    if (open.length === 0) return;
    // The longest thread is the plot: it gets turns in proportion to what it has left to tell.
    const next = scene.random.pick(open.flatMap((beats) => beats.map(() => beats)));
    scene.aside = turn !== undefined && next !== turn && next !== waiting[0];
    turn = next;
    next.shift()?.();
    scene.aside = false;
  }
}

/** Simulates and tells one story about people of `split`. */
export function story(random: Random, split: Split): Story {
  const entry = random.pick(plots);
  const scene = createScene(random, split, Math.max(entry.people, random.pick([3, 4, 4, 5])));
  const main = plan(scene, entry);
  if (chance(scene, 0.3)) tell(scene, lines.setting, {});
  interleave(scene, [main, ...sideThreads(scene, scene.cast.slice(entry.people)), ...talk(scene)]);
  if (chance(scene, 0.3)) tell(scene, lines.closing, {});
  return { body: scene.sentences.join(' '), questions: questionsOf(scene), plot: entry.name };
}

const token = /[A-Za-z]+|[^A-Za-z ]/g;

/** The number of tokens of a tale: its words and punctuation marks. */
export function tokenCount(text: string): number {
  return text.match(token)?.length ?? 0;
}

/** Up to six questions, answered at the end of a tale; a topic is drawn before its question, so that all come up. */
export function recap(random: Random, { questions }: Story): string[] {
  const count = [0, 2, 3, 3, 4, 4, 5, 6][random.integer(8)] ?? 0;
  const asked = new Set<Question>();
  for (let i = 0; i < count; i++) {
    const open = questions.filter((question) => !asked.has(question));
    if (open.length === 0) break;
    const topic = random.pick([...new Set(open.map((question) => question.topic))]);
    asked.add(random.pick(open.filter((question) => question.topic === topic)));
  }
  return [...asked].map(({ stem, answer, rest }) => `${stem} ${answer}${rest}.`);
}
