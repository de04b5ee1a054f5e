import { causeText } from '../../harness/cause-texts.ts';
import type { Found, Reason } from '../../harness/vocabulary/comparison.ts';
import { renderDay } from '../dates.ts';
import { isFailing } from '../../harness/regression/judge-comparison.ts';
import { flakyRate, hasChanged } from '../differences.ts';
import { html, type Markup } from '../html.ts';
import type { ChangeGroup } from './changes.ts';
import { type PageContext, renderDevices, renderLink, renderSection, renderTable, type Row } from './page-parts.ts';
import type { Texts } from './texts.ts';

/** What is not as accepted on real devices, and why: what nobody answers for first. */
export function renderChanges(context: PageContext): Markup {
  const { assessment, texts, language, links } = context;
  const { changes } = assessment;
  if (changes === null) return renderSection('changes', texts, [html`<p>${texts.notCompared}</p>\n`]);
  const { against, run, real } = changes;
  const compared = texts.compared(against.name, against.kind, renderDay(against.at, language), run);
  const groups = [...real.openGroups, ...real.acceptedGroups];
  const count = texts.changeCounts(
    real.open.length,
    real.acceptedGroups.reduce((sum, g) => sum + g.differences.length, 0),
    real.added.length,
    real.missing.length,
  );
  const trials = new Map(context.input.records.map((r) => [`${r.trial} ${r.engine}`, r]));
  const addressOf: AddressOf = (difference) =>
    links.trial(trials.get(`${difference.trial} ${difference.engine}`)) ?? links.runFile(run, 'comparison.json');
  const rows = groups.slice(0, ROWS).map((group) => changeRow(group, context, addressOf));
  const rest = groups.length - rows.length;
  const added = addedDevices(context, addressOf);
  return renderSection('changes', texts, [
    html`<p>${compared}</p>\n`,
    html`<p>${renderLink(count, links.runFile(run, 'comparison.json'))}</p>\n`,
    ...(groups.length === 0
      ? [html`<p>${texts.noChanges}</p>\n`]
      : [renderTable(texts.headings.changes, texts.columns.changes, rows)]),
    ...(rest === 0 ? [] : [html`<p>${renderLink(texts.more(rest), links.runFile(run, 'comparison.json'))}</p>\n`]),
    ...added,
  ]);
}

/** Groups, not devices: more than so many different reasons nobody reads. */
const ROWS = 60;

type AddressOf = (difference: ChangeGroup['first']) => string | null;

function changeRow({ first, differences }: ChangeGroup, context: PageContext, addressOf: AddressOf): Row {
  const { texts, language, modeName } = context;
  const { kind, mode, before, after, because, answers, excuse, excuseFault } = first;
  const { worked, asked } = flakyRate(answers ?? []);
  const answersFor = [
    ...(excuseFault === undefined ? [] : [html`<strong>${texts.excuseFaults[excuseFault]}.</strong> `]),
    excuse === undefined
      ? html`${excuseFault === undefined && isFailing(first) ? texts.open : ''}`
      : html`${texts.excuse(excuse, renderDay(excuse.expires, language))}`,
  ];
  const what = hasChanged(first)
    ? html`${texts.changes[kind]}<br><span>${modeName(mode)}: ${found(before, context)} → ${found(after, context)}</span>`
    : html`${texts.changes[kind]}<br><span>${modeName(mode)}</span>`;
  const rate = asked === 0 ? html`` : html`<br><span>${texts.rate(worked, asked)}</span>`;
  const reasons = because.map((reason, i) => html`${i === 0 ? '' : '; '}${reasonWords(reason, context)}`);
  const devices = differences.map((d) => ({ id: d.device, name: context.deviceName(d.device), address: addressOf(d) }));
  return {
    cells: [
      html`${what}${rate}`,
      reasons.length === 0 ? html`–` : html`${reasons}`,
      html`${answersFor}`,
      renderDevices(devices, context),
    ],
    ...(isFailing(first) ? { tone: 'bad' as const } : {}),
  };
}

/** Devices that were asked on one side only, named below the table. */
function addedDevices({ assessment, texts, deviceName, links }: PageContext, addressOf: AddressOf): readonly Markup[] {
  const { changes } = assessment;
  if (changes === null) return [];
  return (['added', 'missing'] as const).flatMap((side) => {
    const devices = changes.real[side].map((d) => ({
      id: d.device,
      name: deviceName(d.device),
      address: addressOf(d),
    }));
    const [first] = changes.real[side];
    if (first === undefined) return [];
    return [html`<p><strong>${texts.changes[first.kind]}:</strong> ${renderDevices(devices, { texts, links })}</p>\n`];
  });
}

function found(value: Found | undefined, { texts, language }: PageContext): string {
  const cause = value?.cause === undefined ? null : causeText(value.cause).customer[language].name;
  return texts.found(value, cause);
}

/** Whose change it was in words, then the values as the files name them. */
function reasonWords({ what, path, from, to }: Reason, { texts }: PageContext): Markup {
  const name = texts.reason(what);
  if (what === 'nothing-known') return html`<strong>${name}</strong>`;
  const key = path === undefined || what === 'firmware' ? '' : `${path}: `;
  return html`${name}: ${key}${renderChange(from, to, texts)}`;
}

/** Of lists, such as suites, what went and what came. */
function renderChange(from: unknown, to: unknown, texts: Texts): string {
  if (!Array.isArray(from) || !Array.isArray(to)) return `${renderValue(from, texts)} → ${renderValue(to, texts)}`;
  const [lost, gained] = [from.filter((x) => !to.includes(x)), to.filter((x) => !from.includes(x))];
  if (lost.length + gained.length === 0) return texts.otherOrder;
  const parts = [
    [texts.lost, lost],
    [texts.gained, gained],
  ] as const;
  return parts
    .flatMap(([verb, values]) => (values.length === 0 ? [] : [`${verb} ${renderValues(values, texts)}`]))
    .join('; ');
}

function renderValues(values: readonly unknown[], texts: Texts): string {
  const shown = values.slice(0, VALUES).map((v) => renderValue(v, texts));
  return [...shown, ...(values.length > VALUES ? [texts.more(values.length - VALUES)] : [])].join(', ');
}

/** comparison.json has them all. */
const VALUES = 3;
const LIMIT = 120;

function renderValue(value: unknown, texts: Texts): string {
  if (value === undefined) return texts.absent;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LIMIT ? text : `${text.slice(0, LIMIT)}…`;
}
