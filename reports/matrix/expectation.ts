import type { Device, Expectation } from '../../harness/vocabulary/device.ts';
import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import { type Direction, DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import type { EngineName } from '../../harness/vocabulary/verdict.ts';

/** What the device file says this trial should give; undefined where it says nothing. */
export function expectationOf(device: Device, record: Record): Expectation | undefined {
  const firmware = device.firmware.find((f) => f.version === record.device.firmware);
  const byMode = firmware?.expect?.[record.mode];
  if (byMode === undefined) return undefined;
  const found = narrow(byMode, [record.engine, record.direction]);
  if (record.engine !== 'hosts') return found;
  // The servers that a file knows are Postfix and Dovecot, in containers or not.
  const expected = found ?? narrow(byMode, ['containers', record.direction]);
  return record.setting.security === 'plaintext' ? expected : withoutLog(expected);
}

/** Nobody shows us the log of servers that exist: what they refuse inside TLS, nobody sees. */
function withoutLog(expected: Expectation | undefined): Expectation | undefined {
  const isHidden = expected?.cause !== undefined && INSIDE_TLS.includes(expected.cause);
  return isHidden ? { outcome: 'inconclusive', cause: 'harness-trouble' } : expected;
}

const INSIDE_TLS: readonly Cause[] = ['auth-missing', 'auth-mechanism', 'auth-rejected', 'mail-refused', 'mail-lost'];

/** Whether a finding is what was expected, the device's silence included where the file speaks of it. */
export function isExpected(expected: Expectation, found: Pick<Record, 'outcome' | 'cause' | 'silent'>): boolean {
  const isSilent = expected.silent === undefined || expected.silent === (found.silent ?? false);
  return expected.outcome === found.outcome && expected.cause === found.cause && isSilent;
}

/** What follows from how an emulated device is built, on this engine: `send: works-after-change, auth-missing`. */
export function truthOf(device: Device, engine: EngineName): readonly string[] {
  const { truth } = device;
  if (truth === undefined) return [];
  const answer = engine === 'embedded' ? truth : (truth.realServers ?? truth);
  return DIRECTIONS.filter((d) => truth.verdict[d] !== undefined).map((d) => {
    const other = answer.verdict[d];
    return other === undefined
      ? renderAnswer(d, truth.verdict[d], truth.cause?.[d])
      : renderAnswer(d, other, answer.cause?.[d]);
  });
}

/** A verdict in the words of `truthOf`. */
export function renderAnswer(direction: Direction, verdict: string | undefined, cause: string | undefined): string {
  return `${direction}: ${verdict}, ${cause ?? 'no cause'}`;
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
