import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, ReportInput } from '../../contract.ts';
import * as z from 'zod';
import { bundleScript } from '../../bundle-script.ts';
import { scheduleOf } from '../../phase.ts';
import { AnswerFile } from './answer-file.ts';
import { composeAnswerFile } from './compose-answer-file.ts';
import { composeData } from './compose-data.ts';
import { renderIndexPage } from './index-page.ts';
import type { Detail, ErrorEntry, SiteIndex } from './site-data.ts';

/** The lookup page: a static site for any web server, and for file://. */
export const lookupSite: Report = {
  id: 'lookup',
  files: ['lookup'],
  write: writeSite,
};

async function writeSite(input: ReportInput, folder: string): Promise<void> {
  const data = composeData(input);
  const { details } = data;
  const [script, style, icon] = await Promise.all([
    bundleScript(join(import.meta.dirname, 'page.ts')),
    asset('lookup.css'),
    asset('icon.svg'),
  ]);
  const build = hashOf([script, style, JSON.stringify(details), JSON.stringify(data.index)]);
  const index: SiteIndex = { ...data.index, build };
  const site = join(folder, 'lookup');
  const devices = join(site, 'data', 'devices');
  await mkdir(devices, { recursive: true });
  await Promise.all([
    writeFile(join(site, 'index.html'), renderIndexPage(build)),
    writeFile(join(site, 'lookup.js'), script),
    writeFile(join(site, 'lookup.css'), style),
    writeFile(join(site, 'icon.svg'), icon),
    writeFile(join(site, 'answer.schema.json'), renderJson(z.toJSONSchema(AnswerFile))),
    writeFile(join(site, 'data', 'errors.js'), renderData('cutoverErrors=', errorsOf(details), '')),
    writeFile(join(site, 'data', 'index.js'), renderData('cutoverIndex=', index, '')),
  ]);
  const schedule = scheduleOf(index.policies, input.asOf);
  for (let i = 0; i < details.length; i += AT_ONCE) {
    await Promise.all(details.slice(i, i + AT_ONCE).map((detail) => writeDetail(detail)));
  }

  async function writeDetail(detail: Detail): Promise<void> {
    const file = join(devices, detail.device.id);
    await writeFile(`${file}.js`, renderData('cutoverDevice(', detail, ')'));
    await writeFile(`${file}.json`, renderJson(composeAnswerFile(index, schedule, detail)));
  }
}

function errorsOf(details: readonly Detail[]): readonly ErrorEntry[] {
  return details.flatMap(({ device: { id, vendor, model, aliases, errors } }) =>
    errors.length === 0 ? [] : [{ id, vendor, model, aliases, errors }],
  );
}

/** Files in work at the same time: all of thousands of devices would hold every text in memory. */
const AT_ONCE = 32;

/** Parsing a text is faster than parsing a program. `<` never stands in it, wherever the file is pasted. */
function renderData(before: string, data: unknown, after: string): string {
  const text = JSON.stringify(data).replaceAll(/[\\'<]/g, (c) => (c === '<' ? String.raw`\u003c` : `\\${c}`));
  return `${before}JSON.parse('${text}')${after};\n`;
}

function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 12);
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function asset(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8');
}
