import type { Source } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import { deviceName } from '../device-words.ts';
import { KNOWN_TEXTS, type KnownText } from './known-texts.ts';

export interface Explanation {
  /** The known text, or the device that shows it. */
  readonly id: string;
  /** The line that told it, as it was given, cut to a readable length. */
  readonly line: string;
  readonly means: Bilingual;
  /** Likeliest first; none: it says nothing about mail encryption. */
  readonly causes: readonly Cause[];
  readonly source: 'measured' | Pick<Source, 'title' | 'url'>;
  /** Who shows it, where a device file says so. */
  readonly devices: readonly string[];
}

export interface Explained {
  /** In the order of the lines; what decides before what only hints. */
  readonly explanations: readonly Explanation[];
  readonly linesRead: number;
}

/** As much of a device file as is asked for. */
type Showing = Pick<Device, 'id' | 'vendor' | 'model' | 'aliases' | 'errors'>;

/** A whole day's log is not read: what a person pastes is a few lines. */
const MOST_LINES = 5_000;
const LONGEST_LINE = 1_000;
const SHOWN_LINE = 200;

/**
 * What an error text, or an excerpt of a log, means for mail: the telling lines are found, the rest is ignored. Reads
 * plain parts of text in one pass, so that no text can make it slow. Needs no file, so it runs in a browser.
 *
 * @param devices Whose `errors` are known.
 */
export function explainText(text: string, devices: readonly Showing[]): Explained {
  const shown = shownErrors(devices);
  const lines = text
    .slice(0, MOST_LINES * LONGEST_LINE)
    .split(/[\r\n]+/, MOST_LINES)
    .filter((l) => l.trim() !== '');
  const found = new Map<string, Explanation & { readonly weight: KnownText['weight'] }>();
  for (const line of lines) {
    const folded = foldLine(line);
    const known = knownIn(folded, line);
    // What everybody shows means what it always means, unless the device that words it so is named.
    const isCommon = known.some((k) => k.weight === 'decides');
    for (const explanation of [...known, ...shownIn(folded, line, shown, lines, isCommon)]) {
      if (!found.has(explanation.id)) found.set(explanation.id, explanation);
    }
  }
  const all = [...found.values()];
  const deciding = all.filter((e) => e.weight === 'decides');
  const kept = deciding.length > 0 ? deciding : all;
  return {
    explanations: kept.map(({ id, line, means, causes, source, devices: shownBy }) => ({
      id,
      line,
      means,
      causes,
      source,
      devices: shownBy,
    })),
    linesRead: lines.length,
  };
}

type Weighted = Explanation & { readonly weight: KnownText['weight'] };

/** The first that decides; a line says one thing, and general words stand beside it ("SSL_accept failed: …"). */
function knownIn(folded: string, line: string): readonly Weighted[] {
  const fitting = KNOWN_TEXTS.filter(({ holds }) =>
    holds.some((parts) => parts.every((part) => holdsPart(folded, part))),
  );
  const best = fitting.find((k) => k.weight === 'decides') ?? fitting[0];
  if (best === undefined) return [];
  const { id, means, causes, source, weight } = best;
  return [{ id, line: line.slice(0, SHOWN_LINE), means, causes, source, weight, devices: [] }];
}

interface Shown {
  readonly text: string;
  readonly means: Bilingual;
  readonly causes: readonly Cause[];
  readonly source: Source;
  /** Who shows it: names that tell whether a text speaks of them. */
  readonly devices: readonly { readonly id: string; readonly name: string; readonly words: readonly string[] }[];
}

function shownErrors(devices: readonly Showing[]): readonly Shown[] {
  const all = devices.flatMap((device) => {
    const { vendor, model, aliases } = device;
    const words = [vendor, model, ...aliases].map(foldLine);
    const who = { id: device.id, name: deviceName(device), words };
    return device.errors.map(({ text, means, causes, source }) => ({
      key: foldLine(text),
      who,
      text,
      means,
      causes,
      source,
    }));
  });
  return [...Map.groupBy(all, (e) => `${e.key} ${e.causes.join(' ')}`).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, text: first.key, devices: same.map((e) => e.who) }];
  });
}

/** A bare number stands in every log; it is a panel's code only where little else is said, or the device is named. */
function shownIn(
  folded: string,
  line: string,
  shown: readonly Shown[],
  lines: readonly string[],
  isCommon: boolean,
): readonly Weighted[] {
  return shown.flatMap(({ text, means, causes, source, devices }): readonly Weighted[] => {
    if (!holdsPart(folded, text)) return [];
    const isCode = /^(?:0x)?[0-9a-f.-]{1,6}$/.test(text);
    const isNamed = devices.some((d) => d.words.some((word) => holdsPart(folded, word)));
    const isShort = lines.length === 1 && line.length <= 30;
    if (isCommon && !isNamed) return [];
    if (isCode && !isNamed && !isShort) return [];
    const names = devices.map((d) => d.name);
    const id = `${devices[0]?.id ?? ''} ${text}`;
    return [{ id, line: line.slice(0, SHOWN_LINE), means, causes, source, weight: 'decides', devices: names }];
  });
}

/** As a whole: 1102 does not stand in 11025, nor 535 5.7.8 in 1535 5.7.80. */
function holdsPart(folded: string, part: string): boolean {
  for (let at = folded.indexOf(part); at >= 0; at = folded.indexOf(part, at + 1)) {
    const [before, after] = [folded[at - 1] ?? ' ', folded[at + part.length] ?? ' '];
    if (!(isWordly(part[0]) && isWordly(before)) && !(isWordly(part.at(-1)) && isWordly(after))) return true;
  }
  return false;
}

function isWordly(letter: string | undefined): boolean {
  return letter !== undefined && ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'));
}

function foldLine(line: string): string {
  return line.slice(0, LONGEST_LINE).toLowerCase().replaceAll(/\s+/g, ' ').trim();
}
