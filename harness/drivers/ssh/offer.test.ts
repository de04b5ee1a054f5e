import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOfferReader } from './offer.ts';

/** A name-list of RFC 4251 section 5. */
function list(...names: readonly string[]): Buffer {
  const text = Buffer.from(names.join(','));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

/** Built by hand from RFC 4253 sections 6 and 7.1. */
function kexInit(): Buffer {
  const lists = [
    list('diffie-hellman-group1-sha1', 'kex-strict-s-v00@openssh.com'),
    list('ssh-rsa', 'ssh-dss'),
    list('3des-cbc'),
    list('aes128-cbc'),
    list('hmac-md5'),
    ...[0, 1, 2, 3, 4].map(() => list()),
  ];
  const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 0xaa), ...lists, Buffer.alloc(5)]);
  const padding = 4 + ((8 - ((payload.length + 9) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

const EXPECTED = {
  offered: {
    kex: ['diffie-hellman-group1-sha1'],
    serverHostKey: ['ssh-rsa', 'ssh-dss'],
    cipher: ['3des-cbc'],
    hmac: ['hmac-md5'],
  },
  identification: 'SSH-2.0-dropbear_0.46',
};

test('the lists are read after any greeting, in any split', () => {
  fc.assert(
    fc.property(fc.constantFrom('', 'Welcome\r\n', 'a\nSSH\n'), fc.array(fc.nat(400)), (greeting, cuts) => {
      const bytes = Buffer.concat([
        Buffer.from(`${greeting}SSH-2.0-dropbear_0.46\r\n`),
        kexInit(),
        Buffer.from('more'),
      ]);
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const reader = createOfferReader();
      for (const [index, to] of places.slice(1).entries()) reader.read(bytes.subarray(places[index], to));
      expect({ offered: reader.offered, identification: reader.identification }).toEqual(EXPECTED);
    }),
  );
});

test('arbitrary and mutated bytes are survived, and what is read is names', () => {
  const valid = Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), kexInit()]);
  const mutated = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
    const bytes = Buffer.from(valid);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  const hostile = fc.uint8Array({ maxLength: 600 }).map((tail) => Buffer.concat([Buffer.from('SSH-2.0-x\n'), tail]));
  fc.assert(
    fc.property(fc.oneof(mutated, hostile, fc.uint8Array()), (bytes) => {
      const reader = createOfferReader();
      reader.read(Buffer.from(bytes));
      for (const names of Object.values(reader.offered ?? {})) expect(names.join('')).toMatch(/^[!-~]*$/);
      expect(reader.identification ?? '').toMatch(/^[ -~]{0,255}$/);
    }),
    { numRuns: 3000 },
  );
});
