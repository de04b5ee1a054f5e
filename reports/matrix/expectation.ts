import type { Device, Expectation } from '../../harness/vocabulary/device.ts';
import type { Record } from '../../harness/vocabulary/record.ts';

/** What the device file says this trial should give; undefined where it says nothing. */
export function expectationOf(device: Device, record: Record): Expectation | undefined {
  const firmware = device.firmware.find((f) => f.version === record.device.firmware);
  const byMode = firmware?.expect?.[record.mode];
  return byMode === undefined ? undefined : narrow(byMode, [record.engine, record.direction]);
}

/** `expect` is keyed by mode, then optionally by engine, then optionally by direction. */
function narrow(value: object, keys: readonly string[]): Expectation | undefined {
  if (isExpectation(value)) return value;
  const inner = new Map<string, unknown>(Object.entries(value));
  for (const [i, key] of keys.entries()) {
    const next = inner.get(key);
    if (typeof next === 'object' && next !== null) return narrow(next, keys.slice(i + 1));
  }
  return undefined;
}

function isExpectation(value: object): value is Expectation {
  return 'outcome' in value;
}
