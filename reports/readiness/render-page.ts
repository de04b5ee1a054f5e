import { isSampleData, SAMPLE_BANNER } from '../coverage.ts';
import { renderDay } from '../dates.ts';
import { deviceName } from '../device-words.ts';
import { html, type Markup } from '../html.ts';
import { calendarOf } from './calendar.ts';
import { contextOf, type PageContent, type PageContext, renderLink, renderSection, renderTable } from './page-parts.ts';
import type { CriterionResult } from './judge-criteria.ts';
import { renderAbort, renderProofs } from './render-servers.ts';
import { renderChanges } from './render-changes.ts';
import { renderCounts, renderEmulated, renderOwners, renderRare, renderUnknown } from './render-standings.ts';
import { recommendation } from './recommendation.ts';
import { STYLE } from './style.ts';
import type { Section } from './texts.ts';

/** One page that stands alone and prints: its style is inside, it runs no script and loads nothing. */
export function renderPage(content: PageContent): string {
  const { input, language } = content;
  const records = input.records.map((r) => [r.device.id, deviceName(r.device, language)] as const);
  const files = input.devices.map((d) => [d.id, deviceName(d, language)] as const);
  const context = contextOf(content, new Map([...records, ...files]));
  const { texts } = context;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${texts.title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${renderHeader(context)}${renderDecision(context)}${renderCriteria(context)}${renderCounts(context)}${renderUnknown(context)}${renderOwners(context)}${renderRare(context)}${renderChanges(context)}${renderProofs(context)}${renderAbort(context)}${renderEmulated(context)}</main>
<footer>
<p>${renderEvidence(context)}</p>
<p>${texts.footer}</p>
</footer>
</body>
</html>
`.text;
}

function renderHeader({ assessment, texts, language }: PageContext): Markup {
  const { schedule, coverage } = assessment;
  const provider = schedule.strict === undefined ? [] : [html`${schedule.strict.provider} · `];
  const banner = isSampleData(coverage) ? html`<p class="sample" role="note">${SAMPLE_BANNER[language]}</p>\n` : html``;
  return html`<header>
<h1>${texts.title}</h1>
<p>${provider}${texts.asOf(renderDay(schedule.asOf, language))}</p>
${banner}<p>${texts.when(calendarOf(schedule, language)).join(' ')}</p>
</header>
`;
}

function renderDecision({ assessment, texts, modeName }: PageContext): Markup {
  const { criteria, ready } = assessment;
  const [deciding, ...others] = criteria.filter((c) => !c.met).map((c) => texts.criterion(c, modeName));
  const reasons =
    deciding === undefined
      ? [texts.allMet(criteria.length)]
      : [
          texts.decides(deciding.name, deciding.found, deciding.required),
          ...(others.length === 0 ? [] : [texts.alsoUnmet(others.map((c) => c.name))]),
        ];
  return html`<section class="decision ${ready ? 'go' : 'no-go'}" aria-labelledby="decision">
<h2 id="decision">${recommendation(assessment, texts)}</h2>
${reasons.map((reason) => html`<p>${reason}</p>\n`)}</section>
`;
}

/** Where the numbers of a criterion stand. */
const SECTION_OF: Readonly<Record<CriterionResult['id'], Section>> = {
  'real-devices': 'counts',
  unknown: 'unknown',
  'stops-working': 'blocks',
  'rare-senders': 'rare',
  changes: 'changes',
  proof: 'proofs',
};

function renderCriteria({ assessment, texts, modeName }: PageContext): Markup {
  const rows = assessment.criteria.map((c) => {
    const { name, required, found } = texts.criterion(c, modeName);
    const met = html`<strong>${c.met ? `✓ ${texts.met}` : `✗ ${texts.notMet}`}</strong>`;
    const tone = c.met ? ('good' as const) : ('bad' as const);
    return { cells: [renderLink(name, `#${SECTION_OF[c.id]}`), html`${required}`, html`${found}`, met], tone };
  });
  return renderSection('criteria', texts, [renderTable(texts.headings.criteria, texts.columns.criteria, rows)]);
}

/** What lies beside the page; only what is there. */
function renderEvidence({ input, texts, links }: PageContext): Markup {
  const runs = input.runs
    .slice(-RUNS)
    .map((r) => [`${texts.runRecords} ${r.run}`, links.runFile(r.run, 'run.json')] as const);
  const compared = input.comparison === undefined ? null : links.runFile(input.comparison.run, 'comparison.json');
  const places = [
    ['Allure', links.report('allure-report/index.html')],
    ['matrix.csv', links.report('matrix.csv')],
    ['junit.xml', links.report('junit.xml')],
    [texts.comparisonFile, compared],
    ...runs,
  ] as const;
  const there = places.flatMap(([name, address]) => (address === null ? [] : [renderLink(name, address)]));
  return there.length === 0
    ? html``
    : html`${texts.evidence}: ${there.map((link, i) => (i === 0 ? link : html` · ${link}`))}`;
}

/** The newest ones; a folder that is used for months has hundreds. */
const RUNS = 5;
