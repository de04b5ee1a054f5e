import { HarnessFault } from '../faults.ts';
import { applyChange } from '../modes/apply-change.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { matcherOf } from './star-pattern.ts';

/**
 * The mode with keys changed as the command line says: `tls.min=1.3`, a list as `groups=x25519,secp256r1`, less by
 * `suites-=TLS_RSA_*`, more (at the end, liked least) by `suites+=NAME,NAME`. The star stands for any letters.
 *
 * @throws HarnessFault `change-invalid`.
 */
export function changeMode(mode: Mode, changes: readonly string[]): Mode {
  return changes.reduce((changed, text) => {
    const [, path, how, value] = /^([\w.]+)([+-]?)=(.*)$/.exec(text) ?? [];
    if (path === undefined || value === undefined) throw unreadable(text);
    const now = path
      .split('.')
      .reduce<unknown>((part, key) => (isObject(part) ? Reflect.get(part, key) : undefined), changed);
    return applyChange(changed, path, newValue(text, now, how ?? '', value)).mode;
  }, mode);
}

function newValue(text: string, now: unknown, how: string, value: string): unknown {
  if (!isTexts(now)) {
    if (how !== '') throw unreadable(text, 'only lists have more or less in them');
    return value;
  }
  const named = value.split(',').map((name) => name.trim());
  if (how === '') return named;
  if (how === '+') return [...new Set([...now, ...named])];
  const fits = named.map(matcherOf);
  const kept = now.filter((name) => !fits.some((fit) => fit(name)));
  if (kept.length === now.length) throw unreadable(text, 'the list has nothing of that');
  return kept;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function unreadable(text: string, why = 'it names no key and value'): HarnessFault {
  return new HarnessFault('change-invalid', `--change ${JSON.stringify(text)}: ${why}.`, {
    advice: "Write tls.min=1.3, groups=x25519,secp256r1, 'suites-=TLS_RSA_*' or suites+=NAME.",
    stage: 'configuration',
    exitCode: 64,
  });
}
