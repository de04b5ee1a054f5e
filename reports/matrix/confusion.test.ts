import { expect, test } from 'vitest';
import type { Device } from '../../harness/vocabulary/device.ts';
import { DEVICES } from '../fixtures/devices.ts';
import { RECORDS } from '../fixtures/records.ts';
import { renderConfusion } from './confusion.ts';
import { isExpected } from './expectation.ts';

test('records that agree with how the devices were built are diagonal', () => {
  const confusion = renderConfusion(RECORDS, DEVICES);
  expect(confusion).toMatchObject({ diagonal: true, off: [], compared: 15 });
});

test('a wrong judgement is listed with its trial', () => {
  const wrong = RECORDS.map((r) =>
    r.cause === 'no-shared-signature' ? { ...r, cause: 'no-shared-cipher' as const } : r,
  );
  const { diagonal, off, text } = renderConfusion(wrong, DEVICES);
  expect(diagonal).toBe(false);
  expect(off).toEqual([
    {
      trial: 'mw-router-x@1.0/submit/submit-587/strict/question',
      built: 'no-shared-signature',
      judged: 'no-shared-cipher',
    },
  ]);
  expect(text).toContain('built no-shared-signature, judged no-shared-cipher');
});

test('nothing to compare is not a diagonal', () => {
  expect(renderConfusion([], DEVICES)).toMatchObject({ diagonal: false, compared: 0 });
});

test('expectations by engine and direction are found', () => {
  const device = DEVICES.find((d) => d.id === 'mw-post-3')!;
  const expected: Device = {
    ...device,
    firmware: [
      {
        version: '1.0',
        expect: {
          strict: {
            send: { outcome: 'works' },
            fetch: { outcome: 'fails', cause: 'plaintext-only' },
          },
          legacy: { embedded: { fetch: { outcome: 'works' } } },
        },
      },
    ],
  };
  expect(renderConfusion(RECORDS, [expected])).toMatchObject({ compared: 3, diagonal: true });
});

test('where a file says that a device is silent, one that complains differs', () => {
  const silent = { outcome: 'fails', cause: 'version-too-old', silent: true } as const;
  const { silent: _, ...told } = silent;
  expect(isExpected(silent, silent)).toBe(true);
  expect(isExpected(silent, told)).toBe(false);
  expect(isExpected({ ...told, silent: false }, silent)).toBe(false);
  // Not spoken of.
  expect(isExpected(told, silent)).toBe(true);
  expect(isExpected(told, { ...told, cause: 'no-shared-cipher' })).toBe(false);
});
