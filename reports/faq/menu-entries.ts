import type { Language } from '../../harness/cause-texts.ts';
import { type Device, isEmulated } from '../../harness/vocabulary/device.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import { linkTo } from './claim-entries.ts';
import { compareNames } from './compare-names.ts';
import { conditionWords } from './condition-words.ts';
import type { Block, Cell } from './document.ts';
import { compareKinds, kindHeading } from './kind-headings.ts';

/** Where settings are found in programs and devices, in the words of their menus, folded by kind, with the source. */
export function menuEntries(devices: readonly Device[], language: Language): readonly Block[] {
  const systems = new Map(devices.filter((d) => d.kind === 'os').map((d) => [d.id, d]));
  const known = devices.filter((d) => d.menus.length > 0 && !isEmulated(d));
  const kinds = [...Map.groupBy(known, (d) => d.kind)].sort(([a], [b]) => compareKinds(a, b));
  return kinds.map(([kind, own]): Block => {
    const entries = [...own]
      .sort((a, b) => compareNames(deviceName(a), deviceName(b)))
      .flatMap((device) => entriesOf(device, systems, language));
    return { kind: 'entries', title: kindHeading(kind, language), entries };
  });
}

function entriesOf(device: Device, systems: ReadonlyMap<string, Device>, language: Language): readonly Cell[] {
  return device.menus.map(({ path, when, direction, source }): Cell => {
    const only = direction === undefined ? '' : DIRECTION_WORDS[direction][language];
    const details = [conditionWords(when, device, systems, language), only].filter((part) => part !== '').join('; ');
    return [
      { strong: deviceName(device) },
      details === '' ? ': ' : ` (${details}): `,
      path[language],
      `${wordsOf(device, language)} `,
      ...linkTo(source, language),
    ];
  });
}

/** What the device calls SSL/TLS and STARTTLS, where it calls them otherwise. */
function wordsOf({ words }: Device, language: Language): string {
  const named = (['implicit', 'starttls'] as const).flatMap((security) => {
    const usual = SHORT_SECURITY[security][language];
    const own = words[security];
    return own === undefined || own === usual ? [] : [CALLED[language](usual, own)];
  });
  return named.length === 0 ? '' : `. ${named.join(', ')}.`;
}

const CALLED = {
  de: (usual: string, own: string) => `${usual} heißt dort „${own}“`,
  en: (usual: string, own: string) => `${usual} is called “${own}” there`,
} as const;
