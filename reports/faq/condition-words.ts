import type { Language } from '../../harness/cause-texts.ts';
import type { Condition } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { parseVersionRange } from '../../harness/vocabulary/version-range.ts';
import { deviceName } from '../device-words.ts';

/**
 * A condition as people say it: "mit Windows 7, ab Version 60 und vor 78". Empty without a condition.
 *
 * @param systems the device files of the kind `os`, by id.
 */
export function conditionWords(
  condition: Condition | undefined,
  device: Pick<Device, 'kind'>,
  systems: ReadonlyMap<string, Device>,
  language: Language,
): string {
  const { os, firmware } = condition ?? {};
  const system = os === undefined ? undefined : systems.get(os);
  const below = os === undefined ? [] : [`${WITH[language]} ${system === undefined ? os : deviceName(system)}`];
  const versions = firmware === undefined ? [] : [rangeWords(firmware, device.kind, language)];
  return [...below, ...versions].join(', ');
}

/** "ab Firmware 6.20 und vor 7"; a range that nobody can read stays as it is. */
function rangeWords(text: string, kind: Device['kind'], language: Language): string {
  const range = parseVersionRange(text);
  if ('kind' in range) return text;
  const noun = IS_SOFTWARE.has(kind) ? 'Version' : 'Firmware';
  const words = COMPARISONS[language];
  return range
    .map(({ operator, version }, i) => `${words[operator]} ${i === 0 ? `${lower(noun, language)} ` : ''}${version}`)
    .map((part) => part.trim())
    .join(AND[language]);
}

function lower(noun: string, language: Language): string {
  return language === 'de' ? noun : noun.toLowerCase();
}

const IS_SOFTWARE: ReadonlySet<Device['kind']> = new Set([
  'os',
  'mail-program',
  'mail-server',
  'app-or-runtime',
  'tls-library',
]);

const COMPARISONS = {
  de: { '<': 'vor', '<=': 'bis', '>': 'nach', '>=': 'ab', '=': 'mit' },
  en: { '<': 'before', '<=': 'up to', '>': 'after', '>=': 'from', '=': 'with' },
} as const;
const AND = { de: ' und ', en: ' and ' } as const;
const WITH = { de: 'mit', en: 'with' } as const;
