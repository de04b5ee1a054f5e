import net from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bindFault } from './listen-on.ts';
import { openTestDoor } from './open-test-door.ts';

test('a port that another program holds is a fault that says what to do, and nothing stays open', async () => {
  const other = net.createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(other, 'listening');
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  await expect(
    openTestDoor({ ports: { 25: 0, 110: 0, 143: 0, 465: 0, 587: 0, 993: 0, 995: port } }),
  ).rejects.toMatchObject({
    code: 'door-port',
    message: `The door cannot listen on 127.0.0.1, port ${port} (for 995): another program has it.`,
    advice: expect.stringContaining('--resume'),
  });
  other.close();
});

test.for([
  ['EACCES', 'ports below 1024 need rights', '--ports mapped'],
  ['EADDRNOTAVAIL', 'not one of this machine', '--listen'],
  ['EMFILE', 'the system says EMFILE', 'mapped'],
] as const)('%s is told in words', ([code, why, advice]) => {
  const fault = bindFault(
    { address: '192.168.0.10', port: 25, canonical: 25 },
    Object.assign(new Error(code), { code }),
  );
  expect(fault.message).toContain(why);
  expect(fault.advice).toContain(advice);
});

test('an address on the internet is refused, as some modes take old TLS', async () => {
  await expect(openTestDoor({ listen: '192.0.2.1' })).rejects.toMatchObject({ code: 'listen-public' });
});
