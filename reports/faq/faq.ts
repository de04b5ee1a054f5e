import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '../../harness/cause-texts.ts';
import { type Device, isEmulated } from '../../harness/vocabulary/device.ts';
import type { Report, ReportInput } from '../contract.ts';
import { coverageOf, isSampleData, renderCoverage, SAMPLE_BANNER } from '../coverage.ts';
import { shownToCustomers } from '../device-words.ts';
import { type Schedule, scheduleOf } from '../phase.ts';
import type { Situation } from '../situation.ts';
import { claimsTable, deviceTables } from './device-tables.ts';
import { type Block, heading, prose } from './document.ts';
import { type Editorial, fillIn, readEditorial } from './editorial.ts';
import { renderFragment } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';
import { serverTable } from './server-table.ts';

/** The customers' FAQ in both languages, as Markdown and as a fragment for a WordPress page. */
export const faq: Report = {
  id: 'faq',
  files: ['faq'],
  async write(input, folder) {
    const editorial = readEditorial();
    await mkdir(join(folder, 'faq'));
    for (const language of ['de', 'en'] as const) {
      const blocks = composeFaq(input, editorial, language);
      await writeFile(join(folder, 'faq', `faq.${language}.md`), renderMarkdown(blocks));
      await writeFile(join(folder, 'faq', `faq.${language}.html`), renderFragment(blocks, language));
    }
  },
};

/** The FAQ's content for the day that the input speaks of. */
export function composeFaq(input: ReportInput, editorial: Editorial, language: Language): readonly Block[] {
  const schedule = scheduleOf(input.policies, input.asOf);
  const coverage = coverageOf(input.verdicts, input.devices);
  const sample = isSampleData(coverage);
  const devices = shownToCustomers(input.devices, sample);
  const situations = situationsOf(input, devices, schedule, language);
  const words = HEADINGS[language];
  const text = (t: { readonly de: string; readonly en: string }) => prose(fillIn(t[language], schedule, language));
  const transition = schedule.legacy === undefined || schedule.legacyEnded ? [] : text(editorial.transitionServer);
  return [
    heading(2, editorial.title[language]),
    ...(sample ? [{ kind: 'banner', text: SAMPLE_BANNER[language] } as const] : []),
    { kind: 'paragraph', text: `${renderCoverage(coverage, language)}.` },
    ...section(words.when, text(editorial.when[schedule.phase])),
    ...section(words.affected, text(editorial.affected)),
    ...section(words.settings, serverTable(schedule, language)),
    ...section(words.devices, [
      ...deviceTables(situations, language),
      ...claimsTable(untested(devices, situations), language),
    ]),
    ...section(words.transition, transition),
    ...editorial.questions.flatMap((q) => section(q.question[language], text(q.answer))),
    ...section(words.always, text(editorial.always)),
  ];
}

function section(title: string, blocks: readonly Block[]): readonly Block[] {
  return blocks.length === 0 ? [] : [heading(2, title), ...blocks];
}

function situationsOf(
  input: ReportInput,
  devices: readonly Device[],
  schedule: Schedule,
  language: Language,
): readonly Situation[] {
  const shown = new Map(devices.map((d) => [d.id, d]));
  return input.verdicts
    .filter((v) => shown.has(v.device))
    .map((verdict) => ({ verdict, device: shown.get(verdict.device), schedule, language }));
}

function untested(devices: readonly Device[], situations: readonly Situation[]): readonly Device[] {
  const judged = new Set(situations.map((s) => s.verdict.device));
  return devices.filter((d) => !judged.has(d.id) && !isEmulated(d));
}

const HEADINGS = {
  de: {
    when: 'Was gilt wann?',
    affected: 'Bin ich betroffen?',
    settings: 'Diese Einstellungen sind richtig',
    devices: 'Geräte und Programme',
    transition: 'Der Übergangsserver',
    always: 'Was oft hilft',
  },
  en: {
    when: 'What holds when?',
    affected: 'Am I affected?',
    settings: 'These settings are right',
    devices: 'Devices and programs',
    transition: 'The transition server',
    always: 'What often helps',
  },
} as const;
