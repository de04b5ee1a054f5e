import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Change } from '../vocabulary/trial.ts';
import { ModeFile } from './mode-file.ts';

/**
 * The same mode with one key changed, for a counter-test: `applyChange(strict, 'tls.min', '1.0')`.
 *
 * @param path Keys joined by dots. The key must be one that the mode has, defaults included.
 * @throws HarnessFault `change-invalid` when the mode has no such key, or must not have that value there.
 */
export function applyChange(mode: Mode, path: string, to: unknown): { readonly mode: Mode; readonly change: Change } {
  const keys = path.split('.');
  const from = keys.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) {
      throw refused(mode, path, `it has no key "${key}"`);
    }
    return Reflect.get(value, key);
  }, mode);

  // A hello may offer the same twice, and counter-tests take their lists from hellos.
  const value: unknown = Array.isArray(to) ? [...new Set<unknown>(to)] : to;
  const result = ModeFile.safeParse(withValue(mode, keys, value));
  if (!result.success) throw refused(mode, path, z.prettifyError(result.error));
  return { mode: result.data, change: { path, from, to } };
}

/** `keys` were found to lead to an own property. */
function withValue(value: object, keys: readonly string[], to: unknown): object {
  const [key = '', ...rest] = keys;
  const inner: unknown = Reflect.get(value, key);
  return { ...value, [key]: rest.length > 0 && typeof inner === 'object' && inner ? withValue(inner, rest, to) : to };
}

function refused(mode: Mode, path: string, why: string): HarnessFault {
  return new HarnessFault('change-invalid', `Mode "${mode.id}" cannot have "${path}" changed: ${why}`, {
    advice: 'Change one key that the mode has, to a value that its file could hold.',
    stage: 'configuration',
  });
}
