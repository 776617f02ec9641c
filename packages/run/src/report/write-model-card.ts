// The card of an exported model, beside its weights.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readSmallText, type Model } from '@espalier/core';
import { parseEvents } from '../events/read-events.js';
import { modelCard } from './model-card.js';
import { reportFromEvents } from './replay.js';

/** Bytes of a card; a pipe, an endless file or one that is no text carries nothing over. */
const CARD_LIMIT = 2 ** 20;

/** Writes README.md into the exported folder, from the events of the run that made it. */
export async function writeModelCard(
  run: string,
  { folder, row }: { readonly folder: string; readonly row: string },
  { model }: { readonly model: Model },
): Promise<void> {
  const log = join(run, 'events.ndjson');
  const report = reportFromEvents(parseEvents(await readFile(log, 'utf8'), log), basename(resolve(run)));
  const card = join(model.folder, 'README.md');
  const baseCard = existsSync(card)
    ? { baseCard: await readSmallText(card, `read "${card}"`, CARD_LIMIT).catch(() => '') }
    : {};
  const subject = { name: basename(resolve(folder)), row, base: baseName(resolve(model.folder)), ...baseCard };
  await writeFile(join(folder, 'README.md'), modelCard(subject, report));
}

/** Id of a model that lies in a cache of the hub, else the name of its folder. */
function baseName(folder: string): string {
  const [, owner, name] = /[\\/]models--([^\\/]+?)--([^\\/]+)[\\/]snapshots[\\/][0-9a-f]{40}$/.exec(folder) ?? [];
  return owner === undefined || name === undefined ? basename(folder) : `${owner}/${name}`;
}
