import { causeText } from '../../../harness/cause-texts.ts';
import type { Condition } from '../../../harness/vocabulary/claim.ts';
import type { Bilingual } from '../../../harness/vocabulary/trial.ts';
import type { Verdict } from '../../../harness/vocabulary/verdict.ts';
import { basisText } from '../../basis-texts.ts';
import { remedyLines } from '../../remedy-texts.ts';
import { hostFor, type Situation, transitionHost } from '../../situation.ts';
import { verdictName, verdictText } from '../../verdict-texts.ts';
import { composeAnswer, type DirectionAnswer } from '../answers.ts';
import type { DevicePrediction } from '../predictions.ts';
import type { AnswerFile, FileAnswer } from './answer-file.ts';
import { renderPlace } from './place.ts';
import type { Schedule } from '../../phase.ts';
import type { Detail, SiteIndex } from './site-data.ts';

/** One device as ticket systems read it, with the texts for the schedule's day. */
export function composeAnswerFile(
  index: SiteIndex,
  schedule: Schedule,
  { device, verdicts, predictions }: Detail,
): AnswerFile {
  const { id, vendor, model, kind, aliases, claims, menus, errors, recognition } = device;
  const { directions } = composeAnswer(device, verdicts, index.policies);
  const answers = directions
    .flatMap(partsOf)
    .map(({ verdict, when }) => fileAnswer((language) => ({ verdict, device, schedule, language }), when));
  return {
    v: 1,
    asOf: schedule.asOf,
    page: `index.html${renderPlace({ device: id, known: {} })}`,
    device: { id, vendor, model, kind, aliases, emulated: verdicts.some((v) => v.emulated) },
    answers,
    claims,
    menus,
    errors,
    ...(recognition !== undefined && { recognition }),
    ...(predictions !== undefined && { predictions: predictions.map(predictedPart) }),
  };
}

function predictedPart({ directions, recordings, modes }: DevicePrediction) {
  const basis = 'predicted' as const;
  return { basis, directions: [...directions], recordings: [...recordings], modes: [...modes] };
}

interface Part {
  readonly verdict: Verdict;
  readonly when?: Condition | undefined;
}

/** What stands; or while a question is open, or sources contradict each other, every claim with its condition. */
function partsOf({ verdict, standing, claimed, conflict }: DirectionAnswer): readonly Part[] {
  const stands: readonly Part[] = verdict === null ? [] : [{ verdict }];
  if (verdict !== null && (standing === 'measured' || !conflict)) return stands;
  return [...stands, ...claimed.map((c): Part => ({ verdict: c.verdict, when: c.claim.when }))];
}

function fileAnswer(situationIn: (language: 'de' | 'en') => Situation, when: Condition | undefined): FileAnswer {
  const { verdict, schedule } = situationIn('de');
  const { setting } = verdict;
  const both = (text: (s: Situation) => string): Bilingual => ({
    de: text(situationIn('de')),
    en: text(situationIn('en')),
  });
  const host = setting === undefined ? null : hostFor(setting, schedule.strict);
  const transition = verdict.verdict === 'legacy-only' ? transitionHost(situationIn('de')) : null;
  const until = schedule.legacyUntil ?? verdict.until;
  const [cause] = verdict.causes;
  return {
    direction: verdict.direction,
    ...(when !== undefined && { when }),
    verdict: verdict.verdict,
    basis: verdict.basis,
    confidence: verdict.confidence,
    causes: verdict.causes,
    ...(setting !== undefined && {
      enter: {
        protocol: setting.protocol,
        port: setting.port,
        security: setting.security,
        ...(host !== null && { host }),
        ...(setting.menu !== undefined && { menu: setting.menu }),
      },
    }),
    ...(transition !== null && {
      transition: {
        host: transition,
        ...(until !== undefined && { until }),
        ...(verdict.encrypted !== undefined && { encrypted: verdict.encrypted }),
      },
    }),
    ...(verdict.update !== undefined && { update: verdict.update }),
    remedies: verdict.remedies,
    ...(verdict.basis === 'measured' && { firmware: verdict.firmware }),
    since: verdict.measuredAt.slice(0, 10),
    expires: verdict.expiresAt,
    ...(verdict.predictions !== undefined && { predictions: verdict.predictions }),
    trials: verdict.trials,
    text: {
      headline: both(verdictName),
      says: both(verdictText),
      ...(cause !== undefined && { why: both((s) => whyText(causeText(cause, s.device?.kind).customer[s.language])) }),
      todo: { de: [...remedyLines(situationIn('de'))], en: [...remedyLines(situationIn('en'))] },
      basis: both((s) => basisText(s)),
    },
  };
}

function whyText({ what, why }: { readonly what: string; readonly why: string }): string {
  return `${what} ${why}`;
}
