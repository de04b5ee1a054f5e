import type { Language } from '../../harness/cause-texts.ts';
import type { ReportInput } from '../contract.ts';
import { html, type Markup } from '../html.ts';
import type { Assessment } from './assess.ts';
import type { EvidenceLinks } from './links.ts';
import type { Criteria } from './read-criteria.ts';
import { type Section, TEXTS, type Texts } from './texts.ts';

/** All that a part of the page is rendered from. */
export interface PageContent {
  readonly input: ReportInput;
  readonly assessment: Assessment;
  readonly criteria: Criteria;
  readonly links: EvidenceLinks;
  readonly language: Language;
}

export interface PageContext extends PageContent {
  readonly texts: Texts;
  readonly modeName: (id: string) => string;
  /** Of a device by its id; the id where no file names it. */
  readonly deviceName: (id: string) => string;
}

export function contextOf(content: PageContent, names: ReadonlyMap<string, string>): PageContext {
  const { language, input } = content;
  const modes = new Map(input.policies.map((m) => [m.id, m.name[language]]));
  return {
    ...content,
    texts: TEXTS[language],
    modeName: (id) => modes.get(id) ?? id,
    deviceName: (id) => names.get(id) ?? id,
  };
}

export function renderSection(id: Section, texts: Texts, content: readonly Markup[]): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${texts.headings[id]}</h2>
${content}</section>
`;
}

export interface Row {
  readonly cells: readonly Markup[];
  readonly tone?: 'bad' | 'good' | 'open';
}

/**
 * On a narrow screen every row becomes a block, in which each cell says its column. The roles keep it a table for screen
 * readers all the same. `name`: read out for the table.
 */
export function renderTable(name: string, head: readonly string[], rows: readonly Row[]): Markup {
  return html`<table role="table" aria-label="${name}">
<thead role="rowgroup"><tr role="row">${head.map((text) => html`<th role="columnheader" scope="col">${text}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(({ cells, tone }) => html`<tr role="row" class="${tone ?? 'plain'}">${cells.map((cell, i) => renderCell(cell, head[i] ?? '', i === 0))}</tr>\n`)}</tbody>
</table>
`;
}

function renderCell(cell: Markup, column: string, first: boolean): Markup {
  return first
    ? html`<th role="rowheader" scope="row" data-column="${column}">${cell}</th>`
    : html`<td role="cell" data-column="${column}">${cell}</td>`;
}

export function renderLink(text: string, address: string | null): Markup {
  return address === null ? html`${text}` : html`<a href="${address}">${text}</a>`;
}

function joinMarkup(parts: readonly Markup[], between: string): Markup {
  return html`${parts.map((part, i) => (i === 0 ? part : html`${between}${part}`))}`;
}

/** As many names as a reader takes in; the rest is a number, and stands in matrix.csv. */
const NAMES = 25;

/** Each device once, with its evidence. */
export function renderDevices(
  devices: readonly { readonly id: string; readonly name: string; readonly address: string | null }[],
  { texts, links }: Pick<PageContext, 'texts' | 'links'>,
): Markup {
  const unique = [...new Map(devices.map((d) => [d.id, d])).values()];
  const shown = unique.slice(0, NAMES).map((d) => renderLink(d.name, d.address));
  const rest = unique.length - shown.length;
  const more = rest === 0 ? [] : [renderLink(texts.more(rest), links.report('matrix.csv'))];
  const count = unique.length > 3 ? html`<strong>${texts.devices(unique.length)}:</strong> ` : html``;
  return html`${count}${joinMarkup([...shown, ...more], ', ')}`;
}
