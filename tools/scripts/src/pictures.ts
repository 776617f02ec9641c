// `npm run pictures -- RUN`: the pictures of README and docs, both of the same run folder. What they show depends on the folder alone: the
// table and the verdict are made from its events, the page is its report. Needs a Chromium (`CHROME` names another than `chromium`).
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { formatTable, html, parseEvents, reportFromEvents, verdict, wrapped, writeReport } from '@espalier/run';

const root = path.resolve(import.meta.dirname, '../../..');
const [, , run = 'runs/demo'] = process.argv;
const COLUMNS = 96;
const LINE = 19;

/** The terminal after `npm start`, as far as the folder tells it. */
async function terminal(): Promise<{ readonly page: string; readonly lines: number }> {
  const data = reportFromEvents(parseEvents(await readFile(path.join(run, 'events.ndjson'), 'utf8')), 'demo');
  const said = verdict(data).flatMap((sentence) => wrapped(sentence, COLUMNS));
  const lines = ['$ npm start', '…', '', ...formatTable(data.rows, COLUMNS).split('\n'), '', ...said];
  const style = `body{margin:0;background:#14181d;color:#e4e7eb}pre{margin:18px;font:14px/${LINE}px DejaVu Sans Mono,monospace}`;
  const page = html`<meta charset="utf-8" /><style>
      ${style}
    </style>
    <pre>${lines.join('\n')}</pre>`.source;
  return { page: `<!doctype html>${page}`, lines: lines.length };
}

async function picture(page: string, name: string, width: number, height: number): Promise<void> {
  const flags = ['--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=1'];
  const size = [`--window-size=${width},${height}`, `--screenshot=${path.join(root, 'docs', name)}`];
  await promisify(execFile)(process.env['CHROME'] ?? 'chromium', [...flags, ...size, pathToFileURL(page).href]);
}

const folder = await mkdtemp(path.join(tmpdir(), 'espalier-pictures-'));
try {
  const { page, lines } = await terminal();
  const file = path.join(folder, 'terminal.html');
  await writeFile(file, page);
  await picture(file, 'demo.png', Math.ceil(COLUMNS * 8.43) + 36, lines * LINE + 36);
  await picture(await writeReport(run), 'report.png', 1180, 1880);
} finally {
  await rm(folder, { recursive: true });
}
