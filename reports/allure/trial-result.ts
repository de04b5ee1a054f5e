import { causeText, type Language } from '../../harness/cause-texts.ts';
import type { Difference } from '../../harness/vocabulary/comparison.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../contract.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { PREDICTIONS_TITLE, predictionsText } from '../predictions-text.ts';
import { otherAnswers, renderWord } from '../other-engines.ts';
import { serverTraits } from '../server-traits.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import { changeLabels, changeParagraphs, changeSteps } from './change-parts.ts';
import { evidenceSteps } from './evidence-files.ts';
import { resultUuidOf, testCaseIdOf } from './identity.ts';
import { STATUS_OF, type Status, type Step } from './step.ts';
import { witnessSteps } from './wire-steps.ts';
import { WORDS, type Words } from './words.ts';

/** What one result of the page is made of. */
export interface Group {
  readonly record: Record;
  /** Its counter-tests and controls. */
  readonly others: readonly Record[];
  readonly verdict: Verdict | undefined;
  /** What is not as accepted. */
  readonly difference?: Difference | undefined;
  /** Those of the others whose files are shown here. */
  readonly files: readonly Record[];
  /** The same trial on other engines. */
  readonly elsewhere: readonly Record[];
}

/** One result of the Allure page as a value. */
export interface TrialResult {
  readonly name: string;
  /** The trial's id: stable across runs. */
  readonly fullName: string;
  readonly uuid: string;
  readonly testCaseId: string;
  readonly status: Status;
  readonly message: string;
  /** Asked again unchanged, and the answers differ. */
  readonly flaky: boolean;
  /** Markdown of our own sentences; nothing of a device is in it. */
  readonly description: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly excluded: boolean }[];
  readonly steps: readonly Step[];
}

/** A question with its counter-tests and controls, or one of those whose question is not in the records. */
export function describeTrial(group: Group, input: ReportInput): TrialResult {
  const { record } = group;
  const words = WORDS[input.language];
  const startMs = Date.parse(record.startedAt);
  return {
    name: nameOf(group, input, words),
    fullName: record.trial,
    uuid: resultUuidOf(record),
    testCaseId: testCaseIdOf(record),
    status: STATUS_OF[record.outcome],
    message: messageOf(record, input.language, words),
    flaky: group.difference?.kind === 'flaky',
    description: descriptionOf(group, input, words),
    startMs,
    stopMs: startMs + Math.round(record.durationMs),
    labels: labelsOf(group, input, words),
    parameters: parametersOf(record, words),
    steps: [
      {
        name: words.decided,
        status: STATUS_OF[record.outcome],
        steps: record.because.map((name) => ({ name, status: 'passed' })),
      },
      ...changeSteps(group.difference, words),
      ...serverSteps(group, input, words),
      ...witnessSteps(record, words),
      ...counterTestSteps(group, input, words),
      ...controlSteps(group, input, words),
      ...evidenceSteps(record, input, words),
    ],
  };
}

/** What differs comes first: lists cut names off at their end. */
function nameOf({ record, elsewhere }: Group, input: ReportInput, words: Words): string {
  const { setting, direction, device } = record;
  const security = SHORT_SECURITY[setting.security][input.language];
  const way = record.asConfigured ? '' : ` (${setting.via === 'relay' ? words.viaRelay : words.otherSetting})`;
  const parts = [
    ...(record.role === 'question' ? [] : [words.roles[record.role]]),
    `${DIRECTION_WORDS[direction][input.language]} ${security} ${setting.port}${way}`,
    modeName(record.mode, input),
    // The same question with two answers would else be two entries of one name.
    ...(elsewhere.length === 0 ? [] : [record.engine]),
    `${deviceName(device)}${device.installed ? '' : ` ${device.firmware}`}`,
    ...(words.scenarios[record.scenario] === '' ? [] : [words.scenarios[record.scenario] ?? record.scenario]),
  ];
  return parts.join(' · ');
}

export function modeName(mode: string, input: ReportInput): string {
  const policy = input.policies.find((m) => m.id === mode);
  return policy?.name[input.language] ?? mode;
}

function messageOf(record: Record, language: Language, words: Words): string {
  if (record.outcome === 'works') return '';
  const name = record.cause === undefined ? words.withoutCause : causeText(record.cause).customer[language].name;
  const open =
    record.candidates === undefined
      ? ''
      : ` (${record.candidates.map((c) => causeText(c).customer[language].name).join(' / ')})`;
  return `${name}${open}\n${record.because.join('\n')}`;
}

function descriptionOf(group: Group, { language, outranked }: ReportInput, words: Words): string {
  const { verdict } = group;
  const others = verdict === undefined ? [] : otherAnswers(verdict, outranked);
  const answers = verdict === undefined || others.length === 0 ? [] : [verdict, ...others];
  const predicted = verdict === undefined ? null : predictionsText(verdict, language);
  const said = answers.map((v) => `${v.engine} ${renderWord(v)}`).join('; ');
  return [
    ...changeParagraphs(group.difference, language, words),
    ...causeParagraphs(group.record, language, words),
    ...(said === '' ? [] : [`**${words.byEngine}:** ${said}`]),
    ...(predicted === null ? [] : [`**${PREDICTIONS_TITLE[language]}:** ${predicted}`]),
  ].join('\n\n');
}

function causeParagraphs(record: Record, language: Language, words: Words): readonly string[] {
  if (record.cause === undefined) return [];
  const { customer, qa } = causeText(record.cause);
  const text = customer[language];
  return [
    `**${words.what}:** ${text.what}`,
    `**${words.why}:** ${text.why}`,
    `**${words.todo}:** ${text.todo}`,
    `**${words.evidence}:** ${qa.shows}`,
    `**${words.confirm}:** ${qa.confirm}`,
  ];
}

/** What the servers of other engines did in the same trial, and what is known of the software that answered here. */
function serverSteps({ record, elsewhere }: Group, input: ReportInput, words: Words): readonly Step[] {
  const differing = elsewhere.filter((r) => r.outcome !== record.outcome || r.cause !== record.cause);
  const traits = serverTraits(input.runs).filter(
    ({ engine, modes, ports }) =>
      engine === record.engine &&
      modes.includes(record.mode) &&
      (ports.length === 0 || ports.includes(record.endpoint.port)),
  );
  return [
    ...differing.map((r): Step => {
      const cause = r.cause === undefined ? '' : ` (${causeText(r.cause).customer[input.language].name})`;
      return {
        name: `${words.elsewhere} ${r.engine}: ${words.outcomes[r.outcome]}${cause}`,
        status: 'passed',
        steps: r.because.map((name) => ({ name, status: 'passed' })),
      };
    }),
    ...(traits.length === 0
      ? []
      : [
          {
            name: words.traits,
            status: 'passed' as const,
            steps: traits.map(({ text }): Step => ({ name: text, status: 'passed' })),
          },
        ]),
  ];
}

function labelsOf(group: Group, input: ReportInput, words: Words) {
  const { record, verdict } = group;
  const name = deviceName(record.device);
  return [
    { name: 'parentSuite', value: modeName(record.mode, input) },
    { name: 'suite', value: name },
    { name: 'subSuite', value: DIRECTION_WORDS[record.direction][input.language] },
    { name: 'device', value: name },
    // Shown in the tree of causes, where Allure prints a label's name as it is.
    ...(words.deviceLabel === 'device' ? [] : [{ name: words.deviceLabel, value: name }]),
    { name: 'cause', value: record.cause ?? 'none' },
    { name: 'mode', value: record.mode },
    { name: 'engine', value: record.engine },
    { name: 'kind', value: record.device.kind },
    { name: 'verdict', value: verdict?.verdict ?? 'none' },
    { name: 'role', value: record.role },
    { name: 'scenario', value: record.scenario },
    { name: 'emulated', value: String(record.device.emulated) },
    ...changeLabels(group.difference),
    { name: 'framework', value: 'cutover' },
  ];
}

/** All excluded: Allure makes what is not a part of the test's identity, and a changed outcome would be a new test. */
function parametersOf(record: Record, words: Words) {
  const { setting, device } = record;
  const ports = record.evidence.wire.connections.map((c) => String(c.tapPort));
  const named = {
    firmware: device.firmware,
    protocol: `${setting.protocol} ${setting.port}`,
    security: setting.security,
    mode: record.mode,
    engine: record.engine,
    trust: device.trust,
    outcome: words.outcomes[record.outcome],
    run: record.run,
    attempt: String(record.attempt),
    'tap ports': ports.join(', ') || '–',
  };
  return Object.entries(named).map(([name, value]) => ({ name, value, excluded: true }));
}

function counterTestSteps(group: Group, input: ReportInput, words: Words): readonly Step[] {
  const tests = group.others.filter((r) => r.role === 'counter-test');
  return tests.map((test): Step => {
    const change =
      test.change === undefined
        ? words.unchanged
        : `${test.change.path}: ${show(test.change.from)} → ${show(test.change.to)}`;
    return sideStep(`${words.counterTest}: ${change}`, test, group, input, words);
  });
}

function controlSteps(group: Group, input: ReportInput, words: Words): readonly Step[] {
  const controls = group.others.filter((r) => r.role !== 'counter-test');
  if (controls.length === 0) return [];
  const steps = controls.map((c) => sideStep(words.roles[c.role], c, group, input, words));
  return [{ name: words.controls, status: 'passed', steps }];
}

function sideStep(title: string, record: Record, group: Group, input: ReportInput, words: Words): Step {
  // Here "fails" is what the control asks for: the tap refuses every connection.
  const asAsked = record.role === 'control-refused' && record.outcome === 'fails';
  return {
    name: `${title}: ${asAsked ? words.asExpected : words.outcomes[record.outcome]}`,
    status: asAsked ? 'passed' : STATUS_OF[record.outcome],
    steps: [
      ...record.because.map((name): Step => ({ name, status: 'passed' })),
      ...witnessSteps(record, words),
      ...(group.files.includes(record) ? evidenceSteps(record, input, words) : []),
    ],
  };
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
