import * as fc from 'fast-check';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { parseOfferedVersion } from './hello-version.ts';

/** The hello of this Node's OpenSSL. */
async function helloOf(maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => socket.once('data', (bytes) => (resolve(bytes), socket.destroy())));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const options = { minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  connect({ port: address.port, host: '127.0.0.1', ...options }).on('error', () => {});
  const hello = await promise;
  server.close();
  return hello;
}

test.for([
  ['TLSv1', '1.0'],
  ['TLSv1.1', '1.1'],
  ['TLSv1.2', '1.2'],
  ['TLSv1.3', '1.3'],
] as const)('reads the version of a %s hello, whole, cut, and split over records', async ([maxVersion, version]) => {
  const hello = await helloOf(maxVersion);
  expect(parseOfferedVersion(hello)).toEqual({ kind: 'version', version });
  for (let length = 0; length < hello.length; length += 7) {
    expect(parseOfferedVersion(hello.subarray(0, length))).toEqual({ kind: 'incomplete' });
  }
  const [one, two] = [hello.subarray(5, 50), hello.subarray(50)];
  const record = (part: Buffer) =>
    Buffer.concat([hello.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 255]), part]);
  expect(parseOfferedVersion(Buffer.concat([record(one), record(two)]))).toEqual({ kind: 'version', version });
});

test('reads SSLv2-format hellos, and leaves the rest to TLS', () => {
  expect(parseOfferedVersion(Buffer.from('802e0100020015', 'hex'))).toEqual({ kind: 'version', version: 'SSLv2' });
  expect(parseOfferedVersion(Buffer.from('802e0103010015', 'hex'))).toEqual({ kind: 'version', version: '1.0' });
  expect(parseOfferedVersion(Buffer.from('EHLO x\r\n'))).toEqual({ kind: 'other' });
});

test('never throws', () => {
  const header = fc.constantFrom('', '16030100', '1603010010010000', '8020010301');
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 200 }), (start, bytes) => {
      parseOfferedVersion(Buffer.concat([Buffer.from(start, 'hex'), bytes]));
    }),
    { numRuns: Number(process.env.CUTOVER_PROPERTY_CASES ?? 2_000) },
  );
});
