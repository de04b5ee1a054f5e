import { causeText } from '../../harness/cause-texts.ts';
import { CAUSES } from '../../harness/vocabulary/finding.ts';
import type { Record as TrialRecord } from '../../harness/vocabulary/record.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import type { ReportInput } from '../contract.ts';
import { coverageOf, isSampleData, renderCoverage } from '../coverage.ts';
import { knownIssues } from './known-issues.ts';
import { modeName } from './trial-result.ts';
import { WORDS } from './words.ts';

export interface PageOptions {
  readonly output: string;
  /** Added to the name of a page that holds only a part. */
  readonly part: string | null;
  /** One file that opens by double click; a big report has to be served. */
  readonly singleFile: boolean;
  readonly modes: readonly string[];
  /** File with the runs before; Allure appends this one. */
  readonly history: string;
  readonly records: readonly TrialRecord[];
}

/**
 * Allure's configuration as a module: environments are matched by functions, which JSON cannot hold. Everything that
 * is not ours is written as a JSON string, so no name in it can become code.
 */
export function renderPageConfig(input: ReportInput, options: PageOptions): string {
  const name = pageName(input, options.part);
  const rules = CAUSES.map((cause) => ({
    id: cause,
    name: causeText(cause).customer[input.language].name,
    matchers: { statuses: ['failed', 'broken', 'skipped'], labels: { cause } },
    groupBy: [{ label: WORDS[input.language].deviceLabel }],
    groupByMessage: false,
    groupEnvironments: false,
  }));
  const environments = controlsLast(options.modes, input).map((mode) => {
    const id = JSON.stringify(mode);
    const title = JSON.stringify(modeName(mode, input));
    return `${id}: { name: ${title}, matcher: ({ labels }) => labels.some((l) => l.name === 'mode' && l.value === ${id}) },`;
  });
  const awesome = {
    reportName: name,
    singleFile: options.singleFile,
    reportLanguage: input.language,
    // Environments already tell the modes apart.
    groupBy: ['suite'],
    sections: ['charts'],
    charts: CHARTS.map(([type, title]) => ({ type, title: title[input.language] })),
  };
  return `export default {
  name: ${JSON.stringify(name)},
  output: ${JSON.stringify(options.output)},
  historyPath: ${JSON.stringify(options.history)},
  resolutions: ${JSON.stringify(knownIssues(options.records, input))},
  categories: ${JSON.stringify({ rules })},
  environments: {
    ${environments.join('\n    ')}
  },
  plugins: { awesome: { options: ${JSON.stringify(awesome)} } },
};
`;
}

/** Over the runs; Allure's other charts tell of levels of tests, owners and code coverage, which there are none of here. */
const CHARTS: readonly (readonly [type: string, title: Bilingual])[] = [
  ['statusDynamics', { de: 'Ergebnisse über die Läufe', en: 'Results over the runs' }],
  ['statusTransitions', { de: 'Was sich von Lauf zu Lauf geändert hat', en: 'What changed from run to run' }],
];

/** What customers will meet comes before what only proves that a device can send. */
function controlsLast(modes: readonly string[], input: ReportInput): readonly string[] {
  const controls = new Set(input.policies.filter((m) => m.purpose === 'control').map((m) => m.id));
  return [...modes.filter((m) => !controls.has(m)), ...modes.filter((m) => controls.has(m))];
}

/** Begins with the banner and the count: what it is must not be found out by scrolling. */
function pageName(input: ReportInput, part: string | null): string {
  const coverage = coverageOf(input.verdicts, input.devices);
  const words = WORDS[input.language];
  const banner = isSampleData(coverage) ? [words.sample] : [];
  const parts = part === null ? [] : [part];
  return [...banner, ...parts, renderCoverage(coverage, input.language)].join(' · ');
}
