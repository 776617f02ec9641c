// The card of an exported model, beside its weights.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { attempt, exists, readSmallText, writeAll, writeWhole, type Model } from '@espalier/core';
import { parseEvents } from '../events/read-events.js';
import { modelCard } from './model-card.js';
import { reportFromEvents } from './replay.js';

/** Bytes of a card; a pipe, an endless file or one that is no text carries nothing over. */
const CARD_LIMIT = 2 ** 20;

/** Writes README.md into the exported folder, from the events of the run that made it; `base` is the model that the run began with, where there was one. */
export async function writeModelCard(
  run: string,
  { folder, row }: { readonly folder: string; readonly row: string },
  base: Pick<Model, 'folder'> | undefined,
): Promise<void> {
  const log = join(run, 'events.ndjson');
  const asked = `write the card of the model in "${folder}"`;
  const text = await attempt({ asked, fix: 'Check the permissions of the run folder' }, () => readFile(log, 'utf8'));
  const report = reportFromEvents(parseEvents(text, log), basename(resolve(run)));
  const from = base === undefined ? {} : { base: baseName(resolve(base.folder)), ...(await cardOf(base)) };
  const subject = { name: basename(resolve(folder)), row, ...from };
  const card = new TextEncoder().encode(modelCard(subject, report));
  await writeWhole(join(folder, 'README.md'), asked, (file) => writeAll(file, card, asked));
}

async function cardOf({ folder }: Pick<Model, 'folder'>): Promise<{ readonly baseCard?: string }> {
  const card = join(folder, 'README.md');
  if (!(await exists(card))) return {};
  return { baseCard: await readSmallText(card, `read "${card}"`, CARD_LIMIT).catch(() => '') };
}

/** Id of a model that lies in a cache of the hub, else the name of its folder. */
function baseName(folder: string): string {
  const [, owner, name] = /[\\/]models--([^\\/]+?)--([^\\/]+)[\\/]snapshots[\\/][0-9a-f]{40}$/.exec(folder) ?? [];
  return owner === undefined || name === undefined ? basename(folder) : `${owner}/${name}`;
}
