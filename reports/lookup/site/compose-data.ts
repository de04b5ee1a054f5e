import { type Device, isEmulated } from '../../../harness/vocabulary/device.ts';
import type { Record } from '../../../harness/vocabulary/record.ts';
import type { Verdict } from '../../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../../contract.ts';
import { deviceName } from '../../device-words.ts';
import { countAgreement } from '../../agreement/agreement.ts';
import { agreementSentences } from '../../agreement/render-agreement.ts';
import { composeAnswer, type DirectionAnswer } from '../answers.ts';
import { coverageOf, isSampleData } from '../../coverage.ts';
import type { Detail, ModeOutcome, Row, RowAnswer, SiteIndex, TrialEvidence } from './site-data.ts';

export interface SiteData {
  readonly index: Omit<SiteIndex, 'build'>;
  readonly details: readonly Detail[];
}

/** Emulated devices stay out, unless they are asked for or nothing else is known: then under the banner. */
export function composeData(input: ReportInput): SiteData {
  const tried = input.verdicts.filter((v) => v.basis !== 'claimed');
  const coverage = coverageOf(input.verdicts, input.devices);
  const sample = input.samples === true || (isSampleData(coverage) && coverage.claimed === 0);
  const shown = input.devices
    .filter((d) => !isEmulated(d) || sample)
    .toSorted((a, b) => BY_NAME.compare(deviceName(a), deviceName(b)));
  const verdictsOf = Map.groupBy(tried, (v) => v.device);
  const recordsOf = Map.groupBy(input.records, (r) => r.device.id);
  const details = shown.map((device): Detail => {
    const records = recordsOf.get(device.id) ?? [];
    const verdicts = verdictsOf.get(device.id) ?? [];
    const predictions = input.predictions?.[device.id];
    return {
      device: shownPart(device),
      verdicts,
      outcomes: outcomesOf(records),
      evidence: evidenceOf(records, verdicts),
      ...(predictions !== undefined && { predictions }),
    };
  });
  const policies = input.policies.filter((m) => m.purpose === 'policy');
  const datesKnown = policies.some((m) => m.id === 'legacy');
  const rows = shown.map((device) =>
    rowOf(device, composeAnswer(device, verdictsOf.get(device.id) ?? [], policies).directions, datesKnown),
  );
  const agreement = agreementSentences(countAgreement(input.devices, tried, policies));
  return {
    index: { sample: sample && shown.some(isEmulated), coverage, policies, agreement, rows },
    details,
  };
}

/** Made once: `localeCompare` makes one for each pair. */
const BY_NAME = new Intl.Collator('de', { numeric: true });

function shownPart(device: Device): Device {
  const { reach: _r, client: _c, truth: _t, $schema: _s, ...shown } = device;
  return {
    ...shown,
    firmware: shown.firmware.map(({ version, settings }) => ({ version, ...(settings && { settings }) })),
  };
}

function rowOf(device: Device, directions: readonly DirectionAnswer[], datesKnown: boolean): Row {
  const { id, vendor, model, modelEn, kind, aliases, errors, claims } = device;
  const systems = [...new Set(claims.flatMap((c) => c.when?.os ?? []))];
  return {
    id,
    vendor,
    model,
    ...(modelEn !== undefined && { modelEn }),
    kind,
    ...(aliases.length > 0 && { aliases }),
    ...(errors.length > 0 && { errors: errors.map((e) => e.text) }),
    ...(systems.length > 0 && { systems }),
    ...(isEmulated(device) && { emulated: true }),
    answers: answersOf(directions, datesKnown),
  };
}

/** Each answer that a direction can get, once: the one that stands, or those of the question that is still open. */
function answersOf(directions: readonly DirectionAnswer[], datesKnown: boolean): readonly RowAnswer[] {
  const answers = directions.flatMap(({ direction, verdict, question }): readonly RowAnswer[] => {
    const open = question === null ? [] : question.options.flatMap((option) => option.verdicts);
    const possible = verdict === null ? open : [verdict];
    if (possible.length === 0) return [{ direction, verdict: 'unknown', basis: 'claimed' }];
    return possible.map((v): RowAnswer => {
      const until = datesKnown ? undefined : v.until;
      return { direction, verdict: v.verdict, basis: v.basis, ...(until !== undefined && { until }) };
    });
  });
  return [...new Map(answers.map((a) => [JSON.stringify(a), a])).values()];
}

function outcomesOf(records: readonly Record[]): readonly ModeOutcome[] {
  return records
    .filter((r) => r.role === 'question' && r.asConfigured && r.device.installed)
    .map(({ direction, mode, outcome, encrypted }) => {
      return { direction, mode, outcome, ...(encrypted !== undefined && { encrypted }) };
    });
}

/** Only of the trials that a verdict stands on. */
function evidenceOf(records: readonly Record[], verdicts: readonly Verdict[]): readonly TrialEvidence[] {
  const standing = new Set(verdicts.flatMap((v) => v.trials));
  return records
    .filter((r) => standing.has(r.trial))
    .map(({ trial, direction, mode, run, attachments }) => {
      return { trial, direction, mode, files: attachments.map((a) => `runs/${run}/${a.path}`) };
    });
}
