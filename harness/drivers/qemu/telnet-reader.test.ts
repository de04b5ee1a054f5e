import { expect, test } from 'vitest';
import { createTelnetReader } from './telnet-reader.ts';

/** As busybox's telnetd begins: DO ECHO, DO NAWS, WILL ECHO, WILL SUPPRESS-GO-AHEAD; then one it repeats, and a name. */
const SENT = Buffer.concat([
  Buffer.from([255, 253, 1, 255, 253, 31, 255, 251, 1, 255, 251, 3]),
  Buffer.from('router login: \r\n'),
  Buffer.from([255, 251, 1, 255, 250, 24, 1, 255, 255, 255, 240]),
  Buffer.from('a\r\0b'),
  Buffer.from([255, 255, 255, 241, 255, 252, 1, 255, 254, 1]),
  Buffer.from('c'),
]);
const TEXT = Buffer.concat([Buffer.from('router login: \r\na\rb'), Buffer.from([255]), Buffer.from('c')]);
/** WONT ECHO, WONT NAWS, DO ECHO, DO SUPPRESS-GO-AHEAD. */
const ANSWERS = [255, 252, 1, 255, 252, 31, 255, 253, 1, 255, 253, 3];

test("telnet's own bytes are taken out wherever they are cut, and offers are answered once", () => {
  for (let cut = 0; cut <= SENT.length; cut += 1) {
    const answers: number[] = [];
    const read = createTelnetReader((bytes) => void answers.push(...bytes));
    const text = Buffer.concat([read(SENT.subarray(0, cut)), read(SENT.subarray(cut))]);
    expect(text).toEqual(TEXT);
    expect(answers).toEqual(ANSWERS);
  }
});
