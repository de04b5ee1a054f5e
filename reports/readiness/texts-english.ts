import type { CriterionResult } from './judge-criteria.ts';
import type { CriterionText, Texts } from './texts.ts';

export const ENGLISH: Texts = {
  title: 'Ready for the cutover?',
  asOf: (day) => `As of ${day}`,
  when: ({ change, daysLeft, phase, policy, transitionUntil, transitionEnded }) => {
    if (change === null || daysLeft === null) return ['No day is set for the cutover yet.'];
    const transition =
      transitionUntil === null
        ? []
        : [
            transitionEnded
              ? `The transition servers ended on ${transitionUntil}.`
              : `The transition servers are there until ${transitionUntil}.`,
          ];
    if (daysLeft <= 0)
      return [daysLeft === 0 ? 'The cutover is today.' : `The cutover was on ${change}.`, ...transition];
    return [
      ...(phase === 'trial' ? ['Today is an announced trial of the cutover.'] : []),
      `The cutover is on ${change}, in ${daysLeft === 1 ? 'one day' : `${daysLeft} days`}.`,
      ...(policy === null ? [] : [`From then on: ${policy}`]),
      ...transition,
    ];
  },
  ready: 'Recommendation: go',
  notReady: 'Recommendation: not yet',
  readySince: 'Since the cutover: all criteria are met',
  notReadySince: 'Since the cutover: not all criteria are met',
  allMet: (count) => `All ${count} criteria are met.`,
  decides: (name, found, required) => `What decides is “${name}”: found ${found}, required ${required}.`,
  alsoUnmet: (names) => `Not met either: ${names.map((n) => `“${n}”`).join(', ')}.`,
  columns: {
    criteria: ['Criterion', 'Required', 'Found', 'Met'],
    counts: ['Result', 'Sending', 'Fetching', 'Together'],
    owners: ['What it means', 'Cause', 'What to do', 'Devices'],
    rare: ['Device', 'Kind', 'Result', 'What to do'],
    changes: ['What changed', 'Because of what', 'Who answers for it', 'Devices'],
    proofs: ['Policy', 'Result', 'What the servers showed', 'When, and which servers'],
    abort: ['Called off when …', 'Where to read it'],
  },
  met: 'yes',
  notMet: 'no',
  criterion,
  headings: {
    criteria: 'The criteria',
    counts: 'What was tested',
    unknown: 'What we do not know yet',
    blocks: 'What stands in the way, and what to do',
    rare: 'Devices whose mail nobody misses until it matters',
    changes: 'What changed',
    proofs: 'Whether the servers do as their policy says',
    abort: 'When it is called off',
    emulated: 'Emulated devices',
  },
  coverage: {
    real: 'real devices tested',
    emulated: 'emulated, do not count',
    predicted: 'only calculated',
    claimed: 'only from sources, not tested',
  },
  countsNote: 'Answers of real devices; one that sends and fetches counts in both columns.',
  noReal: 'No real device was tested yet.',
  unknownWord: 'no clear result',
  allAnswers: 'all answers',
  noUnknown: 'Every answer of a tested device is clear.',
  nothingBlocks: 'No tested device needs anything.',
  withoutCause: 'no cause known',
  neverTested: 'never tested, and no source speaks of them',
  more: (count) => `and ${count} more`,
  devices: (count) => (count === 1 ? '1 device' : `${count} devices`),
  rareIntro:
    'Alarm panels, UPS and other devices that send rarely: when their mail fails, nobody notices until it is needed.',
  noRare: 'No such device is known.',
  rareUntested: 'Known, but not tested:',
  rareNoneTested: 'None was tested.',
  notTested: 'not tested yet',
  testedOn: (day, firmware) => `tested on ${day} with firmware ${firmware}`,
  compared: (name, kind, day, run) =>
    `The run ${run} was compared with ${kind === 'baseline' ? 'the accepted state' : 'the run'} ${name} of ${day}.`,
  notCompared:
    'Nothing was compared with an accepted state yet. “cutover baseline accept” accepts a run, “cutover run --baseline” compares.',
  noChanges: 'Nothing changed on real devices.',
  changeCounts: (open, accepted, added, missing) =>
    `On real devices: open ${open}, accepted ${accepted}, new questions ${added}, not asked this time ${missing}.`,
  changes: {
    same: 'unchanged',
    regressed: 'worked, does not any more',
    fixed: 'did not work, works now',
    changed: 'another answer',
    flaky: 'flaky',
    new: 'new',
    missing: 'not asked this time',
  },
  excuseFaults: {
    expired: 'The excuse has expired',
    'matches-nothing': 'The excuse matches no question',
    'works-again': 'The excuse is not needed, it works again',
  },
  excuse: ({ reason, owner }, day) => `${owner}, until ${day}: ${reason}`,
  open: 'nobody',
  rate: (worked, asked) => `${worked} of ${asked} tries worked`,
  reason: (what) => REASONS[what],
  absent: 'nothing',
  lost: 'lost',
  gained: 'gained',
  otherOrder: 'another order',
  found: (found, cause) => {
    if (found === undefined) return '–';
    const silent = found.silent === true ? ', while the device reports success' : '';
    return `${OUTCOMES[found.outcome]}${cause === null ? '' : ` (${cause})`}${silent}`;
  },
  noProof: 'no proof',
  proofBy: (servers, day, ageDays) =>
    `${day} (${ageDays === 0 ? 'the same day' : ageDays === 1 ? 'one day ago' : `${ageDays} days ago`}), ${servers}`,
  asPolicySays: 'do as the policy says',
  contradictions: (sentences) => `contradict it: ${sentences.join(' ')}`,
  proofFacts: (ports, accepted, refused, plaintext, delivers) =>
    [
      `${ports} ports`,
      ...(accepted === '' ? [] : [`accepted: ${accepted}`]),
      ...(refused === '' ? [] : [`refused: ${refused}`]),
      `unencrypted: ${plaintext.join(' and ')}`,
      delivers ? 'mail arrives' : 'mail did not arrive everywhere',
    ].join('; '),
  abortIntro: 'When one of these is true, the cutover is called off or taken back.',
  emulatedBanner: 'Sample data: these devices are emulated. Their results do not hold for real models.',
  test: 'test in the lab',
  emulatedIntro: 'They show that the testing is right. They do not count for the recommendation.',
  emulatedOpen: (count) =>
    count === 1
      ? 'One deviation that nobody answers for: is it the testing?'
      : `${count} deviations that nobody answers for: is it the testing?`,
  evidence: 'Evidence',
  runRecords: 'run',
  comparisonFile: 'comparison',
  footer:
    'The numbers and sentences that this page decides by stand in reports/readiness/criteria.yaml. People have to decide.',
};

/** What is asked for, and what was found. */
function criterion(c: CriterionResult, modeName: (id: string) => string): CriterionText {
  switch (c.id) {
    case 'real-devices':
      return {
        name: 'Real devices tested',
        required: `at least ${c.atLeast}`,
        found: c.found === 0 ? 'none' : String(c.found),
      };
    case 'unknown':
      return {
        name: 'Answers without a clear result',
        required: `at most ${decimal(c.atMostPercent)} %`,
        found: c.of === 0 ? 'no answer yet' : `${c.found} of ${c.of} (${decimal((100 * c.found) / c.of)} %)`,
      };
    case 'stops-working':
      return {
        name: 'Devices that no way is left for',
        required: `at most ${c.atMost}`,
        found: c.met || c.found > 0 ? String(c.found) : 'not known yet',
      };
    case 'rare-senders':
      return {
        name: 'Alarm panels, UPS and others that send rarely, without a tested way',
        required: `at most ${c.atMost}`,
        found:
          c.untested > 0
            ? `of ${c.untested} known, none tested`
            : c.met || c.found > 0
              ? String(c.found)
              : 'not known yet',
      };
    case 'changes':
      return {
        name: 'Deviations that nobody answers for',
        required: `at most ${c.atMost}`,
        found: c.found === null ? 'not compared with an accepted state yet' : String(c.found),
      };
    default:
      return {
        name: 'Proof that the servers do as their policy says',
        required: `at most ${c.atMostDays === 1 ? 'one day' : `${c.atMostDays} days`} old, ${PROVEN_BY[c.engine]}`,
        found: c.met
          ? 'there'
          : c.wanting.map((f) => `${modeName(f.mode)}: ${PROOF_FAULTS[f.why]}`).join('; ') || 'missing',
      };
  }
}

const OUTCOMES = {
  works: 'works',
  fails: 'fails',
  inconclusive: 'no clear result',
  'not-run': 'not tested',
} as const;

const REASONS = {
  firmware: 'firmware',
  'device-facts': 'facts about the device',
  mode: 'policy of the servers',
  server: 'software of the servers',
  harness: 'testing program',
  'nothing-known': 'no cause known',
} as const;

const PROOF_FAULTS = {
  none: 'no proof',
  engine: 'not by the servers that are required',
  old: 'too old',
  contradicts: 'does something else',
} as const;

const PROVEN_BY = {
  embedded: 'by any servers',
  containers: 'by Postfix and Dovecot or by the servers themselves',
  hosts: 'by the servers themselves',
} as const;

/** One digit behind the point at most. */
function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}
