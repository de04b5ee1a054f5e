import { expect, test } from 'vitest';
import { parseRecordedHello } from '../corpus/parse-recorded.ts';
import { describeRecorded } from '../corpus/recorded-hello.ts';
import { readModes } from '../modes/read-mode.ts';
import { clientHello, tlsRecord } from '../wire/hand-built.ts';
import { mutateHellos } from './mutate-hello.ts';
import { LACKS, repairHello } from './repair-hello.ts';
import { rulesOf } from './rules-of.ts';

const RULES = rulesOf('embedded', 'smtp', readModes(['strict'])[0]!);

// groups, signatures, versions, keys: each has one byte, which is half of a length or announces more than there is.
test.for([10, 13, 43, 51])('a hello whose extension %i is cut short can be completed and changed', (code) => {
  const bytes = tlsRecord(22, 0x0301, clientHello({ extensions: [[code, Buffer.from([9])]] }));
  const parsed = parseRecordedHello(bytes);
  if (parsed.kind !== 'hello') throw new Error(parsed.kind);
  const { groups, signatures } = describeRecorded(repairHello(parsed.hello, LACKS, RULES));
  expect(groups).toEqual(RULES.groups);
  expect(signatures).toEqual(RULES.signatures);
  expect(mutateHellos([parsed.hello], 200, 1)).toHaveLength(200);
});
