import type { Language } from '../../harness/cause-texts.ts';
import type { Condition } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { parseVersionRange } from '../../harness/vocabulary/version-range.ts';

/**
 * Conditions as people say them: "mit Windows 7, ab Version 60 und vor 78", "mit Windows 8 oder Windows 10". Empty
 * without a condition; a system needs not say that it is itself.
 *
 * @param systems the device files of the kind `os`, by id.
 */
export function conditionWords(
  conditions: readonly (Condition | undefined)[],
  device: Pick<Device, 'id' | 'kind'>,
  systems: ReadonlyMap<string, Device>,
  language: Language,
): string {
  const byVersion = Map.groupBy(conditions, (condition) => condition?.firmware ?? '');
  const words = [...byVersion].flatMap(([firmware, own]) => {
    const names = [
      ...new Set(
        own.flatMap((c) =>
          c?.os === undefined || c.os === device.id ? [] : [systemName(systems.get(c.os), language) ?? c.os],
        ),
      ),
    ];
    const below = names.length === 0 ? [] : [`${WITH[language]} ${LISTS[language].format(names)}`];
    return [...below, ...(firmware === '' ? [] : [rangeWords(firmware, device.kind, language)])];
  });
  return words.join(', ');
}

function systemName(system: Device | undefined, language: Language): string | undefined {
  return (language === 'en' ? system?.modelEn : undefined) ?? system?.model;
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
const LISTS = {
  de: new Intl.ListFormat('de-DE', { type: 'disjunction' }),
  en: new Intl.ListFormat('en-GB', { type: 'disjunction' }),
} as const;
const WITH = { de: 'mit', en: 'with' } as const;
