import type { Language } from '../../harness/cause-texts.ts';
import { HarnessFault } from '../../harness/faults.ts';
import { renderDay } from '../dates.ts';
import type { Schedule } from '../phase.ts';

/**
 * Puts the values of the modes into a text. A paragraph or list item that names a value which does not exist on that
 * day is left out. Throws HarnessFault `unknown-placeholder` for a name that never has a value.
 */
export function fillIn(text: string, schedule: Schedule, language: Language): string {
  const values = valuesOf(schedule, language);
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => fillParagraph(paragraph, values))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

type Values = ReadonlyMap<string, string | undefined>;

/** Items of a list are kept or left out one by one, anything else as a whole. */
function fillParagraph(paragraph: string, values: Values): string {
  const pieces = paragraph.split(/\n(?=\s*- )/);
  return pieces.flatMap((piece) => fill(piece, values) ?? []).join('\n');
}

function fill(piece: string, values: Values): string | null {
  let complete = true;
  const filled = piece.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (!values.has(name)) throw unknownPlaceholder(name, values);
    const value = values.get(name);
    complete &&= value !== undefined;
    return value ?? '';
  });
  return complete ? filled : null;
}

function valuesOf(schedule: Schedule, language: Language): Values {
  const { strict, strictFrom, legacy, legacyUntil, legacyAnnounced, legacyEnded, asOf } = schedule;
  const day = (iso: string | undefined) => (iso === undefined ? undefined : renderDay(iso, language));
  const transition = legacyEnded ? undefined : legacy?.hosts;
  const ahead = strictFrom !== undefined && asOf < strictFrom;
  const trials = ahead ? (strict?.dates.trials ?? []).filter((iso) => iso > asOf && iso < strictFrom) : [];
  return new Map([
    ['provider', strict?.provider],
    ['strictFrom', day(strictFrom)],
    ['changeAhead', ahead ? day(strictFrom) : undefined],
    ['trialDays', trials.length === 0 ? undefined : joinDays(trials, language)],
    ['legacyUntil', day(legacyUntil)],
    ['transitionEnds', legacyEnded ? undefined : day(legacyUntil)],
    ['announcedEnd', day(legacyAnnounced)],
    ['smtp', strict?.hosts.smtp],
    ['imap', strict?.hosts.imap],
    ['pop3', strict?.hosts.pop3],
    ['smtpLegacy', transition?.smtp],
    ['imapLegacy', transition?.imap],
    ['pop3Legacy', transition?.pop3],
  ]);
}

function joinDays(days: readonly string[], language: Language): string {
  const format = new Intl.ListFormat(language === 'de' ? 'de-DE' : 'en-GB', { type: 'conjunction' });
  return format.format([...days].sort().map((iso) => renderDay(iso, language)));
}

function unknownPlaceholder(name: string, values: Values): HarnessFault {
  const known = [...values.keys()].map((key) => `{${key}}`).join(' ');
  return new HarnessFault('unknown-placeholder', `The FAQ's texts name {${name}}, which has no value anywhere.`, {
    advice: `Use one of ${known}.`,
    stage: 'report',
  });
}
