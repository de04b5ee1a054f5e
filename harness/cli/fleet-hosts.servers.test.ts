import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderConfusion } from '../../reports/matrix/confusion.ts';
import { hasEngine } from '../containers/has-engine.ts';
import { buildImages } from '../containers/images.ts';
import { openContainerLab } from '../containers/open-lab.ts';
import { readModes } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { readRuns, type StoredRun } from '../records.ts';
import type { Account, MailServer } from '../servers/contract.ts';
import { openContainerServers } from '../servers/containers/open-servers.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { concludeRuns } from './conclusions.ts';
import { cutover } from './start-cutover.ts';

const RUN_TIMEOUT_MS = 1_800_000;

/** Both fleets through servers that exist: a provider with Postfix and Dovecot, known to the run by its modes alone. */
describe.skipIf(!(await hasEngine('both fleets on hosts')))('hosts', () => {
  const opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'cutover-hosts-'));
  let run: StoredRun;
  let stderr: string;

  beforeAll(async () => {
    await buildImages([]);
    const lab = opened.use(await openContainerLab());
    const pki = mintPki({ hosts: [], addresses: [] });
    const provider = opened.use(await openContainerServers({ pki, lab }));
    const account = provider.store.openAccount();
    const modes = readModes(['today', 'strict', 'legacy']);
    const files = await Promise.all(
      modes.map(async (mode) => {
        const file = join(folder, `${mode.id}.yaml`);
        writeFileSync(file, JSON.stringify(namePlaces(mode, await provider.start(mode), account)));
        return file;
      }),
    );
    const carrier = setInterval(() => carryMail(provider.store.path, account), 50);
    opened.defer(() => clearInterval(carrier));
    const out = join(folder, 'out');
    const options = ['--i-operate-these-servers', '--pause', '1', '--no-html', '--out', out, '--mode', ...files];
    ({ stderr } = await cutover(['run', '--engine', 'hosts', ...options], { TEST_PASSWORD: account.password }));
    const [only] = readRuns(out);
    if (only === undefined) throw new Error(`no run was left: ${stderr}`);
    run = only;
  }, RUN_TIMEOUT_MS);
  afterAll(async () => {
    await opened.disposeAsync();
    rmSync(folder, { recursive: true });
  }, 60_000);

  test('every device of both fleets is judged as it is built', () => {
    expect([run.run.state, stderr.split('\n').filter((line) => /^(?:cutover|differs):/.test(line))]).toEqual([
      'finished',
      [expect.stringMatching(/slowly/), expect.stringMatching(/reports in/)],
    ]);
    expect(new Set(run.devices.map((d) => d.id.split('-')[0]))).toEqual(new Set(['emu', 'lab']));
    const confusion = renderConfusion(concludeRuns([run]).records, run.devices);
    expect(confusion.off).toEqual([]);
    expect(confusion.compared).toBeGreaterThan(200);
  });
});

/** A mode as its operator writes it: where its servers are, and the test account. */
function namePlaces(mode: Mode, server: MailServer, account: Account): Mode {
  const { smtp, imap } = mode.hosts;
  const { pop3 } = mode.hosts;
  const at = (port: 587 | 993 | 995) => [server.address(port).host];
  return {
    ...mode,
    addresses: { [smtp]: at(587), [imap]: at(993), [pop3]: at(995) },
    account: { user: account.user, passwordEnv: 'TEST_PASSWORD', address: account.address },
  };
}

/** What comes in waits in one folder there; a provider's servers bring it to the account. */
function carryMail(store: string, { user }: Account): void {
  const arrived = join(store, 'arrived', 'new');
  for (const name of readdirSync(arrived))
    renameSync(join(arrived, name), join(store, 'mail', user, 'Maildir/new', name));
}
