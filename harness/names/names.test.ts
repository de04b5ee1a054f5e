import { execFile, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import net from 'node:net';
import { promisify } from 'node:util';
import dns from 'dns-packet';
import { array, assert, constantFrom, nat, oneof, property, tuple, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAllowance } from './allowance.ts';
import { answerQuery } from './answer.ts';
import { type Names, openNames } from './open-names.ts';

const ZONE = { hosts: ['smtp.provider.example', 'Imap.Provider.example', 'bücher.example'], address: '192.168.0.10' };
const led: string[] = [];
let names: Names;
let resolver: Resolver;

beforeAll(async () => {
  names = await openNames({
    ...ZONE,
    address6: 'fd00::10',
    listen: '127.0.0.1',
    port: 0,
    onLed: ({ host }) => led.push(host),
  });
  resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${names.address.port}`]);
});
afterAll(() => names[Symbol.asyncDispose]());

function query(name: string, type: dns.RecordType | 'ANY', more: object = {}): Buffer {
  return dns.encode({
    type: 'query',
    id: 7,
    flags: dns.RECURSION_DESIRED,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package knows ANY, its types do not
    questions: [{ name, type: type as dns.RecordType }],
    ...more,
  });
}

test('a rig with an IPv6 address alone answers no IPv4 question with it', () => {
  const zone = { hosts: ZONE.hosts, address6: 'fd00::10' };
  const answersTo = (type: dns.RecordType) =>
    dns.decode(answerQuery(query('smtp.provider.example', type), zone).response!).answers;
  expect(answersTo('AAAA')).toMatchObject([{ type: 'AAAA', data: 'fd00::10' }]);
  expect(answersTo('A')).toEqual([]);
});

describe('as a resolver sees it', () => {
  test.for(['smtp.provider.example', 'SMTP.provider.EXAMPLE', 'imap.provider.example', 'xn--bcher-kva.example'])(
    '%s leads to the rig',
    async (name) => {
      expect(await resolver.resolve4(name)).toEqual(['192.168.0.10']);
      expect(await resolver.resolve6(name)).toEqual(['fd00::10']);
    },
  );

  test.for(['example.com', 'provider.example', 'x.smtp.provider.example', 'smtp.provider.example.evil.example'])(
    '%s is refused',
    async (name) => {
      await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: 'EREFUSED' });
    },
  );

  test('a host has no other records, which denies only those', async () => {
    await expect(resolver.resolveMx('smtp.provider.example')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolveTxt('smtp.provider.example')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  const hasDig = spawnSync('dig', ['-v']).status === 0;
  test.skipIf(!hasDig)(
    `dig agrees, over UDP and TCP (${hasDig ? 'dig' : 'skipped: dig is not installed'})`,
    async () => {
      for (const transport of ['+notcp', '+tcp']) {
        const args = ['@127.0.0.1', '-p', String(names.address.port), transport, '+tries=1', 'smtp.provider.example'];
        const { stdout } = await promisify(execFile)('dig', args);
        expect(stdout).toMatch(/status: NOERROR/);
        expect(stdout).toMatch(/flags: qr aa rd;/);
        expect(stdout).toMatch(/smtp\.provider\.example\.\s+30\s+IN\s+A\s+192\.168\.0\.10/);
      }
    },
  );

  test('the rig is told which name led a device to it', async () => {
    led.length = 0;
    await resolver.resolve4('imap.provider.example');
    await resolver.resolve4('example.com').catch(() => {});
    expect(led).toEqual(['Imap.Provider.example']);
  });
});

describe('of no use to others', () => {
  test('an answer is less than twice as long as its question, a refusal no longer', () => {
    const answered = answerQuery(query('smtp.provider.example', 'ANY'), ZONE).response;
    expect(answered?.length).toBeLessThan(2 * query('smtp.provider.example', 'ANY').length);
    const refused = answerQuery(query('example.com', 'ANY'), ZONE).response;
    expect(refused?.length).toBe(query('example.com', 'ANY').length);
  });

  test.for([
    ['a transfer', query('smtp.provider.example', 'AXFR'), 5],
    [
      'another class',
      query('smtp.provider.example', 'A', { questions: [{ name: 'smtp.provider.example', type: 'A', class: 'CH' }] }),
      5,
    ],
    ['an update', Buffer.concat([Buffer.from([0, 7, 0x28, 0]), query('smtp.provider.example', 'A').subarray(4)]), 4],
    [
      'two questions',
      query('', 'A', {
        questions: [
          { name: 'a', type: 'A' },
          { name: 'b', type: 'A' },
        ],
      }),
      1,
    ],
    ['a name that is none', query('smtp\u0000.provider.example', 'A'), 1],
  ] as const)('%s is refused', ([, bytes, code]) => {
    const { response, host } = answerQuery(Buffer.from(bytes), ZONE);
    expect((response?.[3] ?? 0) & 0xf).toBe(code);
    expect(host).toBeNull();
  });

  test('answers are not answered, nor is what is longer than any question', () => {
    const answer = dns.encode({ type: 'response', id: 7, questions: [{ name: 'smtp.provider.example', type: 'A' }] });
    expect(answerQuery(answer, ZONE).response).toBeNull();
    expect(
      answerQuery(Buffer.concat([query('smtp.provider.example', 'A'), Buffer.alloc(500)]), ZONE).response,
    ).toBeNull();
  });

  test('any bytes give an answer that another parser can read, or none', () => {
    const mutated = tuple(
      constantFrom('smtp.provider.example', 'example.com'),
      array(tuple(nat(60), nat(255)), { maxLength: 6 }),
    ).map(([name, changes]) => {
      const bytes = query(name, 'A');
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    });
    assert(
      property(
        oneof(
          mutated,
          uint8Array({ maxLength: 600 }).map((b) => Buffer.from(b)),
        ),
        (bytes) => {
          const { response } = answerQuery(bytes, ZONE);
          if (response === null) return;
          expect(response.subarray(0, 2)).toEqual(bytes.subarray(0, 2));
          expect(dns.decode(response).type).toBe('response');
          expect(response.length).toBeLessThan(2 * bytes.length + 12);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a source that floods is not answered any more, and others are', () => {
    let nowMs = 0;
    const allowance = createAllowance(() => nowMs);
    const answered = Array.from({ length: 1_000 }, () => allowance.take('10.0.0.66')).filter(Boolean);
    expect(answered).toHaveLength(40);
    expect(allowance.take('10.0.0.7')).toBe(true);
    nowMs = 1_000;
    expect(Array.from({ length: 100 }, () => allowance.take('10.0.0.66')).filter(Boolean)).toHaveLength(20);
  });

  test('many sources together are bounded, too', () => {
    const allowance = createAllowance(() => 0);
    const answered = Array.from({ length: 5_000 }, (_, i) => allowance.take(`10.0.${i >> 8}.${i & 255}`)).filter(
      Boolean,
    );
    expect(answered).toHaveLength(400);
  });
});

describe('hostile connections', () => {
  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect({ host: '127.0.0.1', port: names.address.port });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };

  test('a message that is too long, or none, ends the connection', async () => {
    for (const bytes of [Buffer.from([0xff, 0xff, 1, 2]), Buffer.from([0, 4, 1, 2, 3, 4])]) {
      const socket = await connect();
      socket.resume().write(bytes);
      await once(socket, 'close');
    }
    expect(await resolver.resolve4('smtp.provider.example')).toEqual(['192.168.0.10']);
  });

  test('a fifth connection of a source is closed, the first ones go on', async () => {
    const sockets = [await connect(), await connect(), await connect(), await connect()];
    const fifth = await connect();
    await once(fifth.resume(), 'close');
    const message = query('smtp.provider.example', 'A');
    const [first] = sockets;
    // Split where a careless reader would stumble.
    first!.write(Buffer.from([0]));
    first!.write(Buffer.concat([Buffer.from([message.length]), message]));
    const [answer]: unknown[] = await once(first!, 'data');
    expect(Buffer.isBuffer(answer) && dns.decode(answer.subarray(2)).answers).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
  });

  test('garbage over UDP leaves it standing', async () => {
    const socket = dgram.createSocket('udp4');
    socket.connect(names.address.port, '127.0.0.1');
    await once(socket, 'connect');
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(400, 0xc0)]) socket.send(bytes);
    socket.close();
    expect(await resolver.resolve4('smtp.provider.example')).toEqual(['192.168.0.10']);
  });
});

describe('a port that cannot be had', () => {
  test('taken by another name service: says so, and leaves nothing open', async () => {
    const again = openNames({ ...ZONE, listen: '127.0.0.1', port: names.address.port });
    await expect(again).rejects.toMatchObject({
      code: 'names-listen',
      advice: expect.stringContaining('systemd-resolved'),
    });
  });

  test('an address of another machine: says so', async () => {
    await expect(openNames({ ...ZONE, listen: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'names-listen',
      advice: expect.stringContaining('address of this machine'),
    });
  });
});
