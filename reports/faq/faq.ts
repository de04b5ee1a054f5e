import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '../../harness/cause-texts.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import type { Report, ReportInput } from '../contract.ts';
import { coverageOf, isSampleData, renderCoverage, SAMPLE_BANNER } from '../coverage.ts';
import { shownToCustomers } from '../device-words.ts';
import { type Schedule, scheduleOf } from '../phase.ts';
import type { Situation } from '../situation.ts';
import { type Block, heading, prose } from './document.ts';
import { type Editorial, readEditorial } from './editorial.ts';
import { fillIn } from './fill-in.ts';
import { renderFaqPage } from './json-ld.ts';
import { menuEntries } from './menu-entries.ts';
import { renderFragment } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';
import { serverTable } from './server-table.ts';
import { verdictGroups } from './verdict-groups.ts';

/** The customers' FAQ in both languages: as Markdown, as a fragment for a WordPress page, and for search engines. */
export const faq: Report = {
  id: 'faq',
  files: ['faq'],
  async write(input, folder) {
    const editorial = readEditorial();
    await mkdir(join(folder, 'faq'));
    for (const language of ['de', 'en'] as const) {
      const blocks = composeFaq(input, editorial, language);
      const file = (type: string) => join(folder, 'faq', `faq.${language}.${type}`);
      await writeFile(file('md'), renderMarkdown(blocks));
      await writeFile(file('html'), renderFragment(blocks, language));
      await writeFile(file('jsonld'), renderFaqPage(blocks, language));
    }
  },
};

/** The FAQ's content for the day that the input speaks of. */
export function composeFaq(input: ReportInput, editorial: Editorial, language: Language): readonly Block[] {
  const schedule = scheduleOf(input.policies, input.asOf);
  const coverage = coverageOf(input.verdicts, input.devices);
  const isSampleOnly = isSampleData(coverage) && coverage.claimed === 0;
  const sample = input.samples ?? isSampleOnly;
  const devices = shownToCustomers(input.devices, sample);
  const situations = situationsOf(input, devices, schedule, language);
  const text = (t: Bilingual) => prose(fillIn(t[language], schedule, language));
  const section = (name: keyof Editorial['headings'], blocks: readonly Block[]) =>
    titled(name, editorial.headings[name][language], blocks);
  return [
    heading(2, editorial.title[language]),
    ...(sample ? [{ kind: 'banner', text: (isSampleOnly ? SAMPLE_BANNER : MIXED_BANNER)[language] } as const] : []),
    { kind: 'paragraph', text: `${renderCoverage(coverage, language)}.` },
    ...text(editorial.when[schedule.phase]),
    { kind: 'contents', title: editorial.headings.contents[language] },
    ...section('when', text(editorial.calendar)),
    ...section('affected', text(editorial.affected)),
    ...section('settings', [...serverTable(schedule, language), ...text(editorial.settings)]),
    ...section('where', [...text(editorial.where), ...menuEntries(devices, language)]),
    ...editorial.questions.flatMap((q, i) => titled(`question-${i + 1}`, q.question[language], text(q.answer))),
    ...section(
      'transition',
      schedule.legacy === undefined || schedule.legacyEnded ? [] : text(editorial.transitionServer),
    ),
    ...section('always', text(editorial.always)),
    ...section('devices', [
      ...text(editorial.devices),
      ...verdictGroups(situations, devices, editorial, schedule, language),
    ]),
  ];
}

/** Emulated devices were asked for, beside what is known of real ones. */
const MIXED_BANNER: Bilingual = {
  de: 'Beispieldaten: Ein Teil der Geräte auf dieser Seite ist nachgebildet. Deren Ergebnisse gelten nicht für echte Modelle.',
  en: 'Sample data: some of the devices on this page are emulated. Their results do not hold for real models.',
};

function titled(anchor: string, title: string, blocks: readonly Block[]): readonly Block[] {
  return blocks.length === 0 ? [] : [heading(2, title, `cutover-${anchor}`), ...blocks];
}

/** What was tested or calculated. What follows from claims is read from the device files, with its source. */
function situationsOf(
  input: ReportInput,
  devices: readonly Device[],
  schedule: Schedule,
  language: Language,
): readonly Situation[] {
  const shown = new Map(devices.map((d) => [d.id, d]));
  return input.verdicts
    .filter((v) => shown.has(v.device) && v.basis !== 'claimed')
    .map((verdict) => ({ verdict, device: shown.get(verdict.device), schedule, language }));
}
