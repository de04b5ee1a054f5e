import type { Language } from '../../harness/cause-texts.ts';
import type { Difference, Excuse } from '../../harness/vocabulary/comparison.ts';
import { renderDay } from '../dates.ts';
import { renderFound, renderReason, renderSides } from '../../harness/regression/render-reason.ts';
import { flakyRate, hasChanged } from '../differences.ts';
import { STATUS_OF, type Step } from './step.ts';
import type { Words } from './words.ts';

/** What people filter by. */
export function changeLabels(difference: Difference | undefined) {
  if (difference === undefined) return [];
  const { kind, excuse, excuseFault } = difference;
  const state = excuseFault ?? (excuse === undefined ? undefined : 'accepted');
  return [{ name: 'change', value: kind }, ...(state === undefined ? [] : [{ name: 'excuse', value: state }])];
}

/** Of our own words only: what a device or a file says is in the steps, which are no Markdown. */
export function changeParagraphs(
  difference: Difference | undefined,
  language: Language,
  words: Words,
): readonly string[] {
  if (difference === undefined) return [];
  const { kind, excuseFault, excuse } = difference;
  const fault = excuseFault === undefined ? [] : [words.excuseFaults[excuseFault]];
  const until =
    excuse === undefined || excuseFault !== undefined ? [] : [words.accepted(renderDay(excuse.expires, language))];
  return [`**${words.change}:** ${[words.changes[kind], ...fault, ...until].join(' · ')}`];
}

/** Before and after, why, and every answer of an unchanged question. */
export function changeSteps(difference: Difference | undefined, words: Words): readonly Step[] {
  if (difference === undefined) return [];
  const { kind, mode, because, answers = [], excuse } = difference;
  const { worked, asked } = flakyRate(answers);
  const steps: readonly Step[] = [
    ...(hasChanged(difference) ? [fact(renderSides(difference))] : []),
    ...because.map((reason) => fact(renderReason(reason, mode))),
    ...(asked === 0
      ? []
      : [
          {
            name: words.rate(worked, asked),
            status: 'passed' as const,
            steps: answers.map((a): Step => ({ name: renderFound(a), status: STATUS_OF[a.outcome] })),
          },
        ]),
    ...(excuse === undefined ? [] : [fact(`${excuse.reason} (${excuse.owner}, ${excuse.expires})`)]),
  ];
  return [{ name: `${words.change}: ${words.changes[kind]}`, status: 'passed', steps }];
}

/** Reason, owner and last day: `The camera is replaced. (QA, bis 31.03.2025)` */
export function renderExcuse({ reason, owner, expires }: Excuse, language: Language): string {
  const until = language === 'de' ? 'bis' : 'until';
  return `${reason} (${owner}, ${until} ${renderDay(expires, language)})`;
}

function fact(name: string): Step {
  return { name, status: 'passed' };
}
