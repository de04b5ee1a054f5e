import { causeText } from '../../harness/cause-texts.ts';
import { renderDay } from '../dates.ts';
import { deviceName, DIRECTION_WORDS, kindWord } from '../device-words.ts';
import { html, type Markup } from '../html.ts';
import { wordName } from '../verdict-texts.ts';
import type { VerdictWord } from '../../harness/vocabulary/verdict.ts';
import type { VerdictCount } from './assess.ts';
import { ownerAction } from './owner-action.ts';
import { type OwnerGroup, ownerGroups } from './owner-groups.ts';
import { type PageContext, renderDevices, renderLink, renderSection, renderTable, type Row } from './page-parts.ts';
import type { Standing } from './standings.ts';

/** How much was seen on real devices, and what came out: what is not known first. */
export function renderCounts(context: PageContext): Markup {
  const { assessment, texts } = context;
  const { coverage, counts } = assessment;
  const numbers = (['real', 'claimed', 'predicted', 'emulated'] as const)
    .filter((key) => key !== 'predicted' || coverage.predicted > 0)
    .map((key) => html`<li><strong>${coverage[key]}</strong> ${texts.coverage[key]}</li>\n`);
  return renderSection('counts', texts, [
    html`<ul class="numbers">\n${numbers}</ul>\n`,
    ...(coverage.real === 0
      ? [html`<p>${texts.noReal}</p>\n`]
      : [renderCountTable(counts, context), html`<p>${texts.countsNote}</p>\n`]),
  ]);
}

function renderCountTable(counts: readonly VerdictCount[], { texts, language, links }: PageContext): Markup {
  const all = { send: 0, fetch: 0 };
  const rows = counts.map(({ word, by }): Row => {
    all.send += by.send;
    all.fetch += by.fetch;
    const name = word === 'unknown' ? texts.unknownWord : wordName(word, undefined, language);
    const anchor = ANCHORS[word];
    const title = anchor === undefined || by.send + by.fetch === 0 ? html`${name}` : renderLink(name, anchor);
    return { cells: [title, ...figures(by.send, by.fetch)], ...(word === 'unknown' ? { tone: 'open' } : {}) };
  });
  const total = { cells: [renderLink(texts.allAnswers, links.report('matrix.csv')), ...figures(all.send, all.fetch)] };
  return html`<div class="figures">${renderTable(texts.headings.counts, texts.columns.counts, [...rows, total])}</div>`;
}

const ANCHORS: Readonly<Partial<Record<VerdictWord, string>>> = {
  unknown: '#unknown',
  'works-after-change': '#blocks',
  'works-after-update': '#blocks',
  'legacy-only': '#blocks',
  'stops-working': '#blocks',
  'fails-already': '#blocks',
};

function figures(send: number, fetch: number): readonly Markup[] {
  return [html`${send}`, html`${fetch}`, html`${send + fetch}`];
}

export function renderUnknown(context: PageContext): Markup {
  const { assessment, texts, language } = context;
  const { standings, schedule } = assessment;
  const groups = ownerGroups(standings.real, ['unknown'], schedule, language);
  const never = standings.untested.filter((d) => d.claims.length === 0);
  const rows = [
    ...groups.map((group) => ownerRow(group, context)),
    ...(never.length === 0
      ? []
      : [
          {
            cells: [
              html`${texts.unknownWord}`,
              html`${texts.neverTested}`,
              html`${texts.test}`,
              renderDevices(
                never.map((d) => ({ id: d.id, name: deviceName(d, language), address: null })),
                context,
              ),
            ],
            tone: 'open' as const,
          },
        ]),
  ];
  const empty = standings.real.length === 0 ? texts.noReal : texts.noUnknown;
  return renderSection('unknown', texts, [
    rows.length === 0 ? html`<p>${empty}</p>\n` : renderTable(texts.headings.unknown, texts.columns.owners, rows),
  ]);
}

/** What blocks, and what owners have to do: cause by cause, not device by device. */
export function renderOwners(context: PageContext): Markup {
  const { assessment, texts, language } = context;
  const { standings, schedule } = assessment;
  const groups = ownerGroups(standings.real, TO_DO, schedule, language);
  const empty = standings.real.length === 0 ? texts.noReal : texts.nothingBlocks;
  return renderSection('blocks', texts, [
    groups.length === 0
      ? html`<p>${empty}</p>\n`
      : renderTable(
          texts.headings.blocks,
          texts.columns.owners,
          groups.map((group) => ownerRow(group, context)),
        ),
  ]);
}

const TO_DO = ['stops-working', 'legacy-only', 'works-after-update', 'works-after-change', 'fails-already'] as const;

function ownerRow({ word, cause, action, standings }: OwnerGroup, context: PageContext): Row {
  const { texts, language } = context;
  const meaning = word === 'unknown' ? texts.unknownWord : wordName(word, standings[0]?.device?.kind, language);
  const why = cause === undefined ? texts.withoutCause : causeText(cause).customer[language].name;
  const tone = word === 'stops-working' ? 'bad' : word === 'unknown' ? 'open' : undefined;
  return {
    cells: [html`${meaning}`, html`${why}`, html`${action}`, renderStandings(standings, context)],
    ...(tone === undefined ? {} : { tone }),
  };
}

function renderStandings(standings: readonly Standing[], context: PageContext): Markup {
  const devices = standings.map(({ verdict, record }) => ({
    id: verdict.device,
    name: context.deviceName(verdict.device),
    address: context.links.trial(record),
  }));
  return renderDevices(devices, context);
}

/** What a failure of is not noticed: each device by itself, tested or not. */
export function renderRare(context: PageContext): Markup {
  const { assessment, texts, language } = context;
  const { rare } = assessment;
  const untested = rare.untested.map((d) => ({ id: d.id, name: deviceName(d, language), address: null }));
  return renderSection('rare', texts, [
    html`<p>${texts.rareIntro}</p>\n`,
    ...(rare.tested.length + untested.length === 0 ? [html`<p>${texts.noRare}</p>\n`] : []),
    ...(rare.tested.length === 0
      ? untested.length === 0
        ? []
        : [html`<p>${texts.rareNoneTested}</p>\n`]
      : [
          renderTable(
            texts.headings.rare,
            texts.columns.rare,
            rare.tested.slice(0, RARE_ROWS).map((s) => rareRow(s, context)),
          ),
          ...(rare.tested.length > RARE_ROWS
            ? [
                html`<p>${renderLink(texts.more(rare.tested.length - RARE_ROWS), context.links.report('matrix.csv'))}</p>\n`,
              ]
            : []),
        ]),
    ...(untested.length === 0 ? [] : [html`<p>${texts.rareUntested} ${renderDevices(untested, context)}</p>\n`]),
  ]);
}

const RARE_ROWS = 100;

function rareRow(standing: Standing, context: PageContext): Row {
  const { texts, language, assessment, links } = context;
  const { verdict, word, device, record } = standing;
  const direction = DIRECTION_WORDS[verdict.direction][language];
  const result = word === 'unknown' ? texts.unknownWord : wordName(word, device?.kind, language);
  const tested = texts.testedOn(renderDay(verdict.measuredAt, language), verdict.firmware);
  return {
    cells: [
      html`${renderLink(context.deviceName(verdict.device), links.trial(record))}`,
      html`${device === undefined ? '–' : kindWord(device.kind, language)}`,
      html`${direction}: ${result}; ${tested}`,
      html`${ownerAction(standing, assessment.schedule, language)}`,
    ],
    tone: word === 'works' ? 'good' : word === 'unknown' ? 'open' : 'bad',
  };
}

/** Apart, under their banner: they show that the testing is right. */
export function renderEmulated(context: PageContext): Markup {
  const { assessment, texts, language } = context;
  const { emulatedCounts, standings, changes } = assessment;
  if (standings.emulated.length === 0) return html``;
  const open = changes?.emulated.open.length ?? 0;
  const rows = emulatedCounts.map(({ word, by }) => ({
    cells: [
      html`${word === 'unknown' ? texts.unknownWord : wordName(word, undefined, language)}`,
      ...figures(by.send, by.fetch),
    ],
  }));
  return renderSection('emulated', texts, [
    html`<p class="sample" role="note">${texts.emulatedBanner}</p>\n`,
    html`<p>${texts.emulatedIntro}</p>\n`,
    html`<div class="figures">${renderTable(texts.headings.emulated, texts.columns.counts, rows)}</div>`,
    ...(open === 0 || changes === null
      ? []
      : [
          html`<p>${renderLink(texts.emulatedOpen(open), context.links.runFile(changes.run, 'comparison.json'))}</p>\n`,
        ]),
  ]);
}
