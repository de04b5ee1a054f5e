import type { Proof } from '../../harness/vocabulary/run.ts';
import { TLS_VERSIONS } from '../../harness/vocabulary/mode.ts';
import { ENDPOINTS } from '../../harness/vocabulary/trial.ts';
import { renderDay } from '../dates.ts';
import { fillIn } from '../faq/fill-in.ts';
import { html, type Markup } from '../html.ts';
import { SERVERS_OF } from '../other-engines.ts';
import { type PageContext, renderLink, renderSection, renderTable, type Row } from './page-parts.ts';
import type { ModeProof } from './proofs.ts';
import type { Texts } from './texts.ts';

/** The proof of each policy: without it no finding means anything. */
export function renderProofs(context: PageContext): Markup {
  const { assessment, texts } = context;
  const rows = assessment.proofs.map((proof) => proofRow(proof, context));
  return renderSection('proofs', texts, [renderTable(texts.headings.proofs, texts.columns.proofs, rows)]);
}

function proofRow({ mode, proven }: ModeProof, { texts, language, links, modeName }: PageContext): Row {
  const name = html`${modeName(mode)}`;
  if (proven === null) return { cells: [name, html`${texts.noProof}`, html`–`, html`–`], tone: 'open' };
  const { run, proof, ageDays } = proven;
  const isAsSaid = proof.contradictions.length === 0;
  const result = isAsSaid ? texts.asPolicySays : texts.contradictions(proof.contradictions);
  const when = texts.proofBy(SERVERS_OF[run.engine][language], renderDay(run.startedAt, language), ageDays);
  return {
    cells: [
      name,
      html`${result}`,
      html`${factsOf(proof, texts)}`,
      renderLink(when, links.runFile(run.run, 'run.json')),
    ],
    ...(isAsSaid ? {} : { tone: 'bad' as const }),
  };
}

/** What any port took, and what every port refused. */
function factsOf({ ports }: Proof, texts: Texts): string {
  const accepted = TLS_VERSIONS.filter((v) => ports.some((p) => p.accepted.includes(v)));
  const refused = TLS_VERSIONS.filter((v) => ports.length > 0 && ports.every((p) => p.refused.includes(v)));
  return texts.proofFacts(
    ports.length,
    accepted.map(versionName).join(', '),
    refused.map(versionName).join(', '),
    // Where TLS is implicit, nobody can speak in the clear.
    [...new Set(ports.filter((p) => !IMPLICIT.has(p.port)).map((p) => p.plaintext))],
    ports.every((p) => p.delivers),
  );
}

const IMPLICIT: ReadonlySet<number> = new Set(ENDPOINTS.filter((e) => e.tls === 'implicit').map((e) => e.port));

function versionName(version: string): string {
  return version.startsWith('SSL') ? version : `TLS ${version}`;
}

export function renderAbort(context: PageContext): Markup {
  const { assessment, criteria, texts, language } = context;
  const { schedule } = assessment;
  const rows = criteria.abort.flatMap(({ when, where }): readonly Row[] => {
    const [sentence, place] = [when, where].map((t) => fillIn(t[language], schedule, language));
    if (sentence === undefined || sentence === '') return [];
    return [{ cells: [html`${sentence}`, html`${place ?? ''}`] }];
  });
  return renderSection('abort', texts, [
    html`<p>${texts.abortIntro}</p>\n`,
    renderTable(texts.headings.abort, texts.columns.abort, rows),
  ]);
}
