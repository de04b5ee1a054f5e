import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Side } from '../vocabulary/evidence.ts';
import { Recorder } from './recorder.ts';

const CASES = Number(process.env.CUTOVER_PROPERTY_CASES ?? 2_000) / 10;
const side = fc.constantFrom<Side>('client', 'server');
const chunks = fc.array(fc.tuple(side, fc.uint8Array({ minLength: 1, maxLength: 40 })), { maxLength: 60 });
const keeping = fc.record({ head: fc.nat(60), tail: fc.nat(60) });

test(`the first and the last bytes of each side, ${CASES} cases, whatever becomes of the buffers`, () => {
  fc.assert(
    fc.property(chunks, keeping, (said, { head, tail }) => {
      const recorder = new Recorder({ head, tail });
      for (const [from, bytes] of said) {
        const lent = Buffer.from(bytes);
        recorder.data(from, lent);
        lent.fill(0);
      }
      const events = recorder.events();
      for (const from of ['client', 'server'] as const) {
        const whole = Buffer.concat(said.filter(([by]) => by === from).map(([, bytes]) => bytes));
        const own = events.filter((e) => e.from === from);
        const at = own.findIndex((e) => e.kind === 'omitted');
        const join = (some: typeof own) =>
          Buffer.concat(some.map((e) => (e.kind === 'data' ? e.bytes : Buffer.alloc(0))));
        const omitted = own.reduce((sum, e) => sum + (e.kind === 'omitted' ? e.count : 0), 0);
        const [first, last] = at === -1 ? [join(own), Buffer.alloc(0)] : [join(own.slice(0, at)), join(own.slice(at))];
        expect(omitted).toBe(Math.max(0, whole.length - head - tail));
        expect(Buffer.compare(first, whole.subarray(0, first.length))).toBe(0);
        expect(Buffer.compare(last, whole.subarray(whole.length - last.length))).toBe(0);
        expect(first.length + last.length + omitted).toBe(whole.length);
      }
    }),
    { numRuns: CASES },
  );
});
