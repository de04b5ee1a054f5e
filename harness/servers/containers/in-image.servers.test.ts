import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerFile, RunningContainer } from '../../containers/contract.ts';
import { hasEngine } from '../../containers/has-engine.ts';
import { buildImages } from '../../containers/images.ts';
import { openContainerLab } from '../../containers/open-lab.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import { GROUPS, SIGNATURES, SUITES } from '../../vocabulary/iana.ts';
import { renderDovecot } from './dovecot/render.ts';
import { IN_IMAGE } from './openssl-in-image.ts';
import { renderPostfix } from './postfix/render.ts';
import { CONFIG_FOLDER } from './rendering.ts';

const ready = await hasEngine('what is in the images of Postfix and Dovecot');
const MODES = ['today', 'strict', 'legacy'] as const;
/** Where the rendered files of all modes and one's own configuration are mounted. */
const MOUNT = '/rendered';
/** The servers read their settings after the container has started. */
const WAIT = { timeout: 20_000, interval: 200 };

describe.skipIf(!ready)('in the images', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let postfix: RunningContainer;
  let dovecot: RunningContainer;
  let startWithOwn: (image: 'postfix' | 'dovecot', own: Readonly<Record<string, string>>) => Promise<RunningContainer>;

  beforeAll(async () => {
    await buildImages(['postfix', 'dovecot']);
    const lab = opened.use(await openContainerLab());
    const network = opened.use(await lab.openNetwork({ name: 'images', neighbours: false }));
    const folder = join(lab.folder, 'rendered');
    const pki = mintPki({ hosts: [], addresses: [] });
    for (const id of MODES) {
      const mode = readMode(join(MODES_FOLDER, `${id}.yaml`));
      const common = { mode, certificate: pki.certificate(mode), mailOwner: { uid: 1234, gid: 1234 } };
      writeAll(
        join(folder, id, 'postfix'),
        `${MOUNT}/${id}/postfix`,
        renderPostfix({ ...common, dovecotHost: 'd' }).files,
      );
      writeAll(join(folder, id, 'dovecot'), `${MOUNT}/${id}/dovecot`, renderDovecot(common).files);
    }
    const start = async (image: string) =>
      opened.use(
        await lab.start({
          image,
          name: `look-into-${image}`,
          network,
          mounts: [{ source: folder, target: MOUNT, readOnly: true }],
          command: ['sleep', '600'],
        }),
      );
    startWithOwn = async (image, own) => {
      const source = join(lab.folder, `own-${image}`);
      mkdirSync(source, { mode: 0o755 });
      for (const [name, content] of Object.entries(own)) writeFileSync(join(source, name), content);
      const mode = readMode(join(MODES_FOLDER, 'strict.yaml'));
      const common = { mode, certificate: pki.certificate(mode), mailOwner: { uid: 1234, gid: 1234 } };
      const { files } = image === 'postfix' ? renderPostfix({ ...common, dovecotHost: 'd' }) : renderDovecot(common);
      const mounts = [{ source, target: `${CONFIG_FOLDER}/override/${image}`, readOnly: true }];
      return opened.use(await lab.start({ image, name: `own-${image}`, network, files, mounts }));
    };
    [postfix, dovecot] = await Promise.all([start('postfix'), start('dovecot')]);
  }, 300_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  test.each(MODES)('postconf and postfix know every setting of %s', async (id) => {
    const { exitCode, output } = await postfix.exec(['postconf', '-c', `${MOUNT}/${id}/postfix`, '-n']);
    expect(exitCode).toBe(0);
    // "unused parameter", "undefined parameter", "overriding earlier entry".
    expect(output).not.toMatch(/warning|fatal/);
    expect(output).toMatch(/^virtual_alias_maps = static:arrived@cutover\.invalid$/m);
  });

  test.each(MODES)('doveconf knows every setting of %s', async (id) => {
    const { exitCode, output } = await dovecot.exec(['doveconf', '-c', `${MOUNT}/${id}/dovecot/dovecot.conf`, '-n']);
    expect(output).not.toMatch(/warning|fatal|error:/i);
    expect(exitCode).toBe(0);
    expect(output).toContain('mail_uid = 1234');
  });

  test("one's own Postfix settings and files win", async () => {
    const own = await startWithOwn('postfix', {
      'main.cf': 'smtpd_banner = mine\n',
      'master.cf': '2525 inet n - n - - smtpd\n',
    });
    const ask = async () => (await own.exec(['postconf', 'smtpd_banner', 'smtpd_tls_security_level'])).output;
    await expect.poll(ask, WAIT).toMatch(/^smtpd_banner = mine\s+smtpd_tls_security_level = encrypt$/m);
    expect((await own.exec(['postconf', '-M'])).output).toMatch(/^2525 +inet/m);
  });

  test("one's own Dovecot settings win", async () => {
    const own = await startWithOwn('dovecot', { 'local.conf': 'login_greeting = mine\n' });
    const ask = async () => (await own.exec(['doveconf', 'login_greeting', 'ssl'])).output;
    await expect.poll(ask, WAIT).toMatch(/^login_greeting = mine\s+ssl = required$/m);
  });

  describe.each(['postfix', 'dovecot'] as const)('OpenSSL in %s speaks what the table says', (image) => {
    const openssl = async (...argv: readonly string[]) =>
      (image === 'postfix' ? postfix : dovecot).exec(['openssl', ...argv]);

    test('suites', async () => {
      const { output } = await openssl('ciphers', '-s', '-stdname', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0');
      const spoken = output.match(/^TLS_\w+(?= )/gm) ?? [];
      expect(spoken.length).toBeGreaterThan(60);
      const certified = spoken.filter((name) => !name.includes('_anon_'));
      expect([...IN_IMAGE.suites].sort()).toEqual(certified.sort());
      const known = new Set(SUITES.map(({ name }) => name));
      expect([...IN_IMAGE.suites].filter((name) => !known.has(name))).toEqual([]);
    });

    test.each([
      ['groups', '-groups', GROUPS, IN_IMAGE.groups],
      ['signatures', '-sigalgs', SIGNATURES, IN_IMAGE.signatures],
    ] as const)('%s', async (_, option, names, table) => {
      const asked = names.flatMap(({ name, openssl: theirs }) => (theirs === null ? [] : [{ name, theirs }]));
      // Nothing listens there: what OpenSSL does not know ends before it connects.
      const script = asked.map(
        ({ name, theirs }) =>
          `openssl s_client ${option} ${theirs} -connect 127.0.0.1:1 </dev/null 2>&1 | grep -q 'onnect' && echo ${name}`,
      );
      const container = image === 'postfix' ? postfix : dovecot;
      const { output } = await container.exec(['sh', '-c', `${script.join('\n')}\ntrue`]);
      expect(output.trim().split(/\s+/).sort()).toEqual([...table].sort());
    });
  });
});

/** The files as the container would have them, pointing to where they are mounted instead. */
function writeAll(folder: string, mounted: string, files: readonly ContainerFile[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const { target, content } of files) {
    writeFileSync(join(folder, basename(target)), String(content).replaceAll(CONFIG_FOLDER, mounted));
  }
}
