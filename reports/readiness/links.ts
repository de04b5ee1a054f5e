import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Record as TrialRecord } from '../../harness/vocabulary/record.ts';
import { resultIdOf } from '../allure/identity.ts';
import { planPages } from '../allure/plan-pages.ts';
import type { ReportInput } from '../contract.ts';

/** Where the evidence lies, relative to the page. Only what is there is linked: a page without HTML reports, or after a purge, has fewer. */
export interface EvidenceLinks {
  /** The trial on the Allure page, else its folder, else the run's records; null: all are gone. */
  trial(record: TrialRecord | undefined): string | null;
  /** A file of a run: `run.json`, `comparison.json`. */
  runFile(run: string, file: string): string | null;
  /** A report beside the page. */
  report(path: string): string | null;
}

export function openLinks(input: Pick<ReportInput, 'out' | 'records'>): EvidenceLinks {
  const { out } = input;
  const existing = (...parts: readonly string[]) =>
    existsSync(join(out, ...parts))
      ? parts
          .flatMap((p) => p.split('/'))
          .map(encodeURIComponent)
          .join('/')
      : null;
  const pages = readAllurePages(input);
  return {
    trial(record) {
      if (record === undefined) return null;
      const id = resultIdOf(record);
      const page = pages.get(id);
      if (page !== undefined) return `${page}#${id}`;
      const [first] = record.attachments;
      const folder = first === undefined ? null : existing('runs', record.run, dirname(first.path));
      return folder === null ? existing('runs', record.run, 'records.jsonl') : `${folder}/`;
    },
    runFile: (run, file) => existing('runs', run, file),
    report: (path) => existing(...path.split('/')),
  };
}

const Registry = z.object({ byId: z.record(z.string(), z.unknown()) });

/** Ids of the results that the pages in the folder really hold: the Allure page may be older than the newest records. */
function readAllurePages({ out, records }: Pick<ReportInput, 'out' | 'records'>): ReadonlyMap<string, string> {
  const parts = new Set([null, ...planPages(records).map((p) => p.part)]);
  const pages = [...parts].map((part) => (part === null ? 'allure-report' : `allure-report/${part}`));
  return new Map(
    pages.flatMap((page) => {
      const file = join(out, page, 'test-results.json');
      if (!existsSync(file) || !existsSync(join(out, page, 'index.html'))) return [];
      const registry = Registry.safeParse(parseJson(readFileSync(file, 'utf8')));
      const ids = registry.success ? Object.keys(registry.data.byId) : [];
      return ids.map((id) => [id, `${page}/index.html`] as const);
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
