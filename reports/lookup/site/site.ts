import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, ReportInput } from '../../contract.ts';
import * as z from 'zod';
import { scheduleOf } from '../../phase.ts';
import { AnswerFile } from './answer-file.ts';
import { bundlePage } from './bundle-page.ts';
import { composeAnswerFile } from './compose-answer-file.ts';
import { composeData } from './compose-data.ts';
import { renderIndexPage } from './index-page.ts';

/** The lookup page: a static site for any web server, and for file://. */
export const lookupSite: Report = {
  id: 'lookup',
  files: ['lookup'],
  write: writeSite,
};

async function writeSite(input: ReportInput, folder: string): Promise<void> {
  const { index, details } = composeData(input);
  const [script, style, icon] = await Promise.all([bundlePage(), asset('lookup.css'), asset('icon.svg')]);
  const site = join(folder, 'lookup');
  const devices = join(site, 'data', 'devices');
  await mkdir(devices, { recursive: true });
  await Promise.all([
    writeFile(join(site, 'index.html'), renderIndexPage(index.build)),
    writeFile(join(site, 'lookup.js'), script),
    writeFile(join(site, 'lookup.css'), style),
    writeFile(join(site, 'icon.svg'), icon),
    writeFile(join(site, 'answer.schema.json'), renderJson(z.toJSONSchema(AnswerFile))),
    writeFile(join(site, 'data', 'index.js'), renderData('cutoverIndex=', index, '')),
  ]);
  const schedule = scheduleOf(index.policies, input.asOf);
  // One after another: thousands at once would hold every text in memory.
  for (const detail of details) {
    await writeFile(join(devices, `${detail.device.id}.js`), renderData('cutoverDevice(', detail, ')'));
    await writeFile(join(devices, `${detail.device.id}.json`), renderJson(composeAnswerFile(index, schedule, detail)));
  }
}

/** Parsing a text is faster than parsing a program. `<` never stands in it, wherever the file is pasted. */
function renderData(before: string, data: unknown, after: string): string {
  const text = JSON.stringify(JSON.stringify(data)).replaceAll('<', String.raw`\u003c`);
  return `${before}JSON.parse(${text})${after};\n`;
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function asset(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8');
}
