import type { Language } from '../../harness/cause-texts.ts';
import { type Device, isEmulated } from '../../harness/vocabulary/device.ts';
import type { VerdictWord } from '../../harness/vocabulary/verdict.ts';
import { compareKinds, deviceName, kindHeading } from '../device-words.ts';
import type { Schedule } from '../phase.ts';
import type { Situation } from '../situation.ts';
import { verdictOnDay } from '../verdict-texts.ts';
import { besideMeasured } from './beside-measured.ts';
import { type ClaimEntry, claimEntries } from './claim-entries.ts';
import { type LineContext, renderClaimLine } from './claim-line.ts';
import { compareNames } from './compare-names.ts';
import { testedTable } from './device-tables.ts';
import { type Block, heading, prose } from './document.ts';
import type { Editorial } from './editorial.ts';
import { fillIn } from './fill-in.ts';
import { shareLines } from './share-lines.ts';

/**
 * Devices by what their owners have to do, most urgent action first: what was tested as a table, what sources say
 * folded by kind. Groups without devices are left out.
 */
export function verdictGroups(
  situations: readonly Situation[],
  devices: readonly Device[],
  editorial: Editorial,
  schedule: Schedule,
  language: Language,
): readonly Block[] {
  const systems = new Map(devices.filter((d) => d.kind === 'os').map((d) => [d.id, d]));
  const context: LineContext = { systems, asOf: schedule.asOf, language };
  const settled = Map.groupBy(situations.filter(isSettled), (s) => s.verdict.device);
  const entries = devices
    .filter((d) => !isEmulated(d))
    .flatMap((device) =>
      claimEntries(device, new Set((settled.get(device.id) ?? []).map((s) => s.verdict.direction)), schedule.asOf),
    );
  return ORDER.flatMap((group) => {
    const tested = situations.filter((s) => verdictOnDay(s) === group);
    const said = entries.filter((e) => groupAt(e, schedule) === group);
    if (tested.length + said.length === 0) return [];
    const { title, text } = editorial.verdicts[group];
    return [
      heading(3, title[language]),
      ...prose(fillIn(text[language], schedule, language)),
      ...testedTable(title[language], tested, editorial.lookupPage, language),
      ...besideMeasured(tested.filter(isSettled), context),
      ...byKind(said, context),
    ];
  });
}

const ORDER: readonly VerdictWord[] = [
  'works-after-change',
  'works-after-update',
  'legacy-only',
  'stops-working',
  'fails-already',
  'works',
  'unknown',
];

/** Measured on a real device, with a result: what sources say then only stands beside it. */
function isSettled({ verdict }: Situation): boolean {
  return verdict.basis === 'measured' && !verdict.emulated && verdict.verdict !== 'unknown';
}

/** Once the transition host has ended, what needed it has stopped. */
function groupAt({ group }: ClaimEntry, { legacyEnded }: Schedule): VerdictWord {
  return group === 'legacy-only' && legacyEnded ? 'stops-working' : group;
}

function byKind(said: readonly ClaimEntry[], context: LineContext): readonly Block[] {
  const { language } = context;
  if (said.length === 0) return [];
  const kinds = [...Map.groupBy(said, (e) => e.device.kind)].sort(([a], [b]) => compareKinds(a, b));
  return [
    { kind: 'paragraph', text: ACCORDING[language] },
    ...kinds.map(
      ([kind, own]): Block => ({
        kind: 'entries',
        title: `${kindHeading(kind, language)} (${own.length})`,
        entries: shareLines(
          [...own]
            .sort((a, b) => compareNames(deviceName(a.device, language), deviceName(b.device, language)))
            .map((e) => renderClaimLine(e, context)),
        ),
      }),
    ),
  ];
}

const ACCORDING = {
  de: 'Laut Hersteller oder anderer Quelle, von uns nicht getestet:',
  en: 'According to the manufacturer or another source, not tested by us:',
} as const;
