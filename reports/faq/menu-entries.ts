import type { Language } from '../../harness/cause-texts.ts';
import { type Device, isEmulated } from '../../harness/vocabulary/device.ts';
import { DIRECTION_WORDS, compareKinds, deviceName, kindHeading } from '../device-words.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import { linkToSource } from './source-links.ts';
import { compareNames } from './compare-names.ts';
import { conditionWords } from './condition-words.ts';
import type { Block, Cell } from './document.ts';
import { shareLines } from './share-lines.ts';

/** Where settings are found in programs and devices, in the words of their menus, folded by kind, with the source. */
export function menuEntries(devices: readonly Device[], language: Language): readonly Block[] {
  const systems = new Map(devices.filter((d) => d.kind === 'os').map((d) => [d.id, d]));
  const known = devices.filter((d) => d.menus.length > 0 && !isEmulated(d));
  const kinds = [...Map.groupBy(known, (d) => d.kind)].sort(([a], [b]) => compareKinds(a, b));
  return kinds.map(([kind, own]): Block => {
    const sorted = [...own].sort((a, b) => compareNames(deviceName(a, language), deviceName(b, language)));
    const entries = shareLines(sorted.flatMap((device) => entriesOf(device, systems, language)));
    return { kind: 'entries', title: kindHeading(kind, language), entries };
  });
}

function entriesOf(device: Device, systems: ReadonlyMap<string, Device>, language: Language): readonly Cell[] {
  return device.menus.map(({ path, when, direction, source }): Cell => {
    const only = direction === undefined ? '' : DIRECTION_WORDS[direction][language];
    const details = [conditionWords([when], device, systems, language), only].filter((part) => part !== '').join('; ');
    return [
      { strong: deviceName(device, language) },
      details === '' ? ': ' : ` (${details}): `,
      path[language],
      `${wordsOf(device, language)} `,
      ...linkToSource(source, language),
    ];
  });
}

/** What the device calls SSL/TLS and STARTTLS, where it calls them otherwise. */
function wordsOf({ words }: Device, language: Language): string {
  const { implicit, starttls } = words;
  if (implicit !== undefined && implicit === starttls) return `. ${CALLED[language].both(implicit)}.`;
  const named = (['implicit', 'starttls'] as const).flatMap((security) => {
    const usual = SHORT_SECURITY[security][language];
    const own = words[security];
    return own === undefined || own.toLowerCase() === usual.toLowerCase() ? [] : [CALLED[language].one(usual, own)];
  });
  return named.length === 0 ? '' : `. ${named.join(', ')}.`;
}

const CALLED = {
  de: {
    one: (usual: string, own: string) => `${usual} heißt dort „${own}“`,
    both: (own: string) => `Es gibt nur einen Schalter: „${own}“`,
  },
  en: {
    one: (usual: string, own: string) => `${usual} is called “${own}” there`,
    both: (own: string) => `There is just one switch: “${own}”`,
  },
} as const;
