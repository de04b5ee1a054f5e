import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { openTap } from '../tap.ts';
import { ENDPOINTS } from '../vocabulary/trial.ts';
import { openBrownOut } from './brown-out.ts';
import { openTestServer } from './embedded/open-test-server.ts';

const PORT_25 = ENDPOINTS.find((e) => e.port === 25)!;

test('a client is refused until the brown-out is over; then the other policy takes its mail', async () => {
  await using refusing = await openTestServer('strict');
  await using later = await openTestServer('today');
  let now = 1_000;
  const until = { seconds: 60, mode: 'today' };
  const mode = { ...refusing.server.mode, id: 'strict.brown-out', refusal: { ...refusing.server.mode.refusal, until } };
  const server = openBrownOut({
    mode,
    refusing: refusing.server,
    later: later.server,
    durationMs: 60_000,
    now: () => now,
  });
  await using tap = await openTap({ listen: '127.0.0.1', endpoint: PORT_25, upstream: () => server.address(25) });
  const { user, password, address } = later.account;
  const send = async () => {
    const transport = createTransport({ ...tap.address, ignoreTLS: true, auth: { user, pass: password } });
    try {
      return (await transport.sendMail({ from: address, to: address, subject: 'x', text: later.marker })).response;
    } catch (error) {
      return String(error);
    }
  };

  expect(await send()).toContain('530 5.7.0');
  // The clock began with that connection, not when the servers were started.
  now += 59_000;
  expect(await send()).toContain('530 5.7.0');
  expect(server.mode).toMatchObject({ id: 'strict.brown-out', plaintext: 'refused' });
  now += 1_000;
  expect(await send()).toContain('250 2.0.0');

  expect(server.mode).toMatchObject({ id: 'strict.brown-out', plaintext: 'allowed' });
  const sessions = server.sessions(
    tap.captures().map((c) => c.tapPort),
    later.marker,
  );
  expect(sessions.map((s) => [s.refusal, s.delivered.length])).toEqual([
    ['530 5.7.0', 0],
    ['530 5.7.0', 0],
    [null, 1],
  ]);
});
