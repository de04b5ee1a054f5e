import { expect, test } from 'vitest';
import { openScripted } from './scripted.ts';

test('a script answers what is typed, in its order', async () => {
  await using session = openScripted([
    { say: 'login: ' },
    { expect: /^admin\r/, reply: 'Password: ' },
    { expect: /^geheim\r/, reply: '\r\n# ' },
    { end: 'the line dropped' },
  ]);
  await session.expect({ login: /login: $/ });
  session.send('admin');
  await session.expect({ password: /Password: $/ });
  session.send('geheim', { secret: true });
  await session.expect({ prompt: /# $/ });
  await expect(session.expect({ more: /./ })).rejects.toMatchObject({ code: 'console-ended' });
  expect((await session.takeTranscript()).screen).toBe('login: Password:\n#');
});

test('a hanging script takes input and says nothing', async () => {
  await using session = openScripted([{ say: '# ' }, { hang: true }, { say: 'never' }]);
  await session.expect({ prompt: /# $/ });
  session.send('send');
  await expect(session.expect({ any: /./ }, { idleMs: 20 })).rejects.toMatchObject({ code: 'console-timeout' });
});

test('a flooding script is stopped by the engine', async () => {
  await using session = openScripted([{ flood: true }]);
  await expect(session.expect({ never: /never/ })).rejects.toMatchObject({ code: 'console-flood' });
});
