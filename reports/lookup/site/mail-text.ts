import { causeText } from '../../../harness/cause-texts.ts';
import { softwareOf } from '../../../harness/cause-texts/software.ts';
import { basisText } from '../../basis-texts.ts';
import { renderDay } from '../../dates.ts';
import { DIRECTION_WORDS, deviceName, directionsTitle } from '../../device-words.ts';
import { remedyLines } from '../../remedy-texts.ts';
import { settingRows } from '../../setting-words.ts';
import { settingToEnter, type Situation } from '../../situation.ts';
import { verdictName, verdictOnDay, verdictText } from '../../verdict-texts.ts';
import type { Answer, Known } from '../answers.ts';
import { type DirectionGroup, groupDirections } from '../group-directions.ts';
import { conditionWords, situationOf } from './render-answer.ts';
import type { Detail } from './site-data.ts';
import type { View } from './view.ts';

/** The answer as an e-mail that support sends as it is. Plain text. */
export function mailText(view: View, detail: Detail, known: Known, answer: Answer): string {
  const { words, language, schedule } = view;
  const condition = conditionWords(view, { os: known.os ?? undefined, firmware: known.firmware });
  const name = `${deviceName(detail.device, language)}${condition === '' ? '' : ` (${condition})`}`;
  const parts = groupDirections(answer.directions).map((group) => groupText(view, detail, group));
  // Only what the answer follows from: a reader has no use for statements about other systems.
  const sources = answer.directions
    .flatMap(({ claimed }) => claimed)
    .map(({ claim: { source } }) => `- ${source.title}: ${source.url}`);
  const changes = answer.directions.some(
    ({ verdict }) => verdict !== null && CHANGING.has(verdictOnDay(situationOf(view, detail, verdict))),
  );
  return [
    words.mail.hello,
    words.mail.about(name),
    ...(parts.length === 0 ? [sentence(words.untested)] : parts),
    ...(changes ? menuLines(view, detail, known) : []),
    ...(detail.device.notes === undefined ? [] : [`${words.note}: ${detail.device.notes[language]}`]),
    ...(changes && softwareOf(detail.device.kind) === null ? [words.restart] : []),
    ...(sources.length === 0 ? [] : [[words.mail.sources, ...new Set(sources)].join('\n')]),
    words.mail.asOf(renderDay(schedule.asOf, language)),
    words.mail.bye,
  ].join('\n\n');
}

/** Of the owner's system, or of all; a general entry has many, and an e-mail has room for few. */
function menuLines({ words, language }: View, { device }: Detail, known: Known): readonly string[] {
  const fitting = device.menus.filter(({ when }) => when?.os === undefined || when.os === known.os);
  const lines = fitting.slice(0, MOST_MENUS).map((menu) => {
    const direction = menu.direction === undefined ? '' : `${DIRECTION_WORDS[menu.direction][language]}: `;
    return `  ${direction}${menu.path[language]}`;
  });
  return lines.length === 0 ? [] : [[`${words.menus}:`, ...lines].join('\n')];
}

const MOST_MENUS = 4;

/** After these something is entered in the device. */
const CHANGING: ReadonlySet<string> = new Set(['works-after-change', 'legacy-only']);

function groupText(view: View, detail: Detail, group: DirectionGroup): string {
  const title = directionsTitle(
    group.map((g) => g.direction),
    view.language,
  );
  const [{ verdict }] = group;
  if (verdict === null) return `${title}: ${view.words.untested}`;
  const situation = { ...situationOf(view, detail, verdict), both: group.length > 1 };
  const isOpen = verdict.verdict === 'unknown';
  return [
    `${title}: ${verdictName(situation)}`,
    ...(isOpen ? [] : [verdictText(situation)]),
    ...causeLines(view, situation),
    ...settingLines(view, situation, group),
    ...remedies(view, situation),
    ...(isOpen && verdict.basis === 'claimed' ? [] : [`${view.words.known}: ${basisText(situation)}.`]),
  ].join('\n');
}

function causeLines({ language }: View, { verdict, device }: Situation): readonly string[] {
  const [cause] = verdict.causes;
  if (cause === undefined) return [];
  const { what, why } = causeText(cause, device?.kind).customer[language];
  return [`${what} ${why}`];
}

function settingLines({ words, language }: View, situation: Situation, group: DirectionGroup): readonly string[] {
  const rows = group.flatMap(({ verdict }) => {
    const enter = verdict === null ? null : settingToEnter({ ...situation, verdict });
    return enter === null ? [] : settingRows(enter.setting, enter.host, language, situation.device?.kind);
  });
  if (rows.length === 0) return [];
  const title = situation.verdict.verdict === 'works' ? words.proven : words.enter;
  return ['', `${title}:`, ...rows.map((r) => `  ${r.label}: ${r.value}`)];
}

function remedies({ words }: View, situation: Situation): readonly string[] {
  const lines = remedyLines(situation);
  return lines.length === 0 ? [] : ['', `${words.mail.todo}:`, ...lines.map((line) => `  ${line}`), ''];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
