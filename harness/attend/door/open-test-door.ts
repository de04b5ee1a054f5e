import net from 'node:net';
import tls from 'node:tls';
import { createTransport } from 'nodemailer';
import { judge } from '../../judge.ts';
import { readModes } from '../../modes/read-mode.ts';
import { collectEvidence } from '../../observe.ts';
import { createRedactor } from '../../redact.ts';
import { openRig, type Rig } from '../../rig.ts';
import type { Evidence } from '../../vocabulary/evidence.ts';
import type { Finding } from '../../vocabulary/finding.ts';
import { type Change, type Setting, type Trial, trialId } from '../../vocabulary/trial.ts';
import type { Door, DoorNews, DoorOptions, ExpectOptions, Press } from './contract.ts';
import { openDoor } from './open-door.ts';

/** For tests: a door on loopback, whose LAN is 127.0.0.x. */
export interface TestDoor extends AsyncDisposable {
  readonly door: Door;
  readonly news: DoorNews[];
  /** Waits for a device that is pressed already. */
  pressed(options: ExpectOptions): Promise<Press>;
  /** Resolves when the condition holds, which is looked at with each news. */
  until(condition: () => boolean): Promise<void>;
}

export async function openTestDoor(options: Partial<DoorOptions> = {}): Promise<TestDoor> {
  rig ??= openRig({ modes: readModes(['strict', 'legacy', 'today']), listen: '127.0.0.1', acceptsAnyLogin: true });
  const news: DoorNews[] = [];
  let changed = Promise.withResolvers<void>();
  const onNews = (item: DoorNews) => {
    news.push(item);
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const door = await openDoor({ rig: await rig, listen: '127.0.0.1', ports: 'mapped', onNews, ...options });
  return {
    door,
    news,
    async pressed(asked) {
      const press = await door.expect(asked);
      press.pressed();
      return press;
    },
    async until(condition) {
      while (!condition()) await changed.promise;
    },
    [Symbol.asyncDispose]: () => door[Symbol.asyncDispose](),
  };
}

/** One for all tests of a file: its servers prove themselves for seconds. It ends with the test's process. */
let rig: Promise<Rig> | undefined;

const SUBMISSION: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };
export const SUBMISSIONS: Setting = { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' };
export const POP3: Setting = { id: 'pop3-110', protocol: 'pop3', port: 110, security: 'plaintext' };

export function trialOf(device: string, mode: string, setting: Setting = SUBMISSION, change?: Change): Trial {
  const direction = setting.protocol === 'smtp' ? ('send' as const) : ('fetch' as const);
  const role = change === undefined ? ('question' as const) : ('counter-test' as const);
  const trial = { device, firmware: '1', scenario: direction, setting, mode, direction, role };
  const changed = change === undefined ? trial : { ...trial, change };
  return { ...changed, id: trialId(changed), engine: 'embedded' };
}

/** What a press comes to, by the evidence that its stand gives. */
export function judgePress(press: Press): {
  readonly finding: Finding;
  readonly evidence: Evidence;
  readonly text: string;
} {
  const said = { said: 'nothing', text: '', exitCode: null, trouble: null } as const;
  const { evidence, files } = collectEvidence(press, said, createRedactor([]));
  const finding = judge({ ...press.trial, trust: 'none', endpoint: press.endpoint, evidence }, press.mode);
  const text = JSON.stringify(evidence) + files.map(({ bytes }) => bytes.toString('latin1')).join('\n');
  return { finding, evidence, text };
}

export interface TestDevice {
  /** Address that it dials from. */
  readonly from: string;
  readonly ehlo?: string;
  readonly user?: string;
  readonly password?: string;
  readonly maxVersion?: tls.SecureVersion;
  readonly ciphers?: string;
  readonly security?: 'starttls' | 'implicit' | 'plaintext';
}

/** Sends a mail as nodemailer does; the answer of the server, or what kept it from being sent. */
export async function sendMail(door: Pick<Door, 'address'>, port: number, device: TestDevice): Promise<string> {
  const { from, ehlo = 'printer', user = 'owner', password = 'owners-secret', security = 'starttls' } = device;
  const { maxVersion = 'TLSv1.3', ciphers = 'DEFAULT@SECLEVEL=0' } = device;
  const transport = createTransport({
    host: door.address,
    port,
    name: ehlo,
    secure: security === 'implicit',
    ignoreTLS: security === 'plaintext',
    requireTLS: security === 'starttls',
    localAddress: from,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion, ciphers },
  });
  const mail = { from: 'owner@customer.example', to: 'office@customer.example', subject: 'Test', text: 'Test' };
  try {
    const { response } = await transport.sendMail(mail);
    return response;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    transport.close();
  }
}

/** Says something in the clear from an address and reads until the server or the door ends it. */
export function talk(door: Pick<Door, 'address'>, port: number, from: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: door.address, port, localAddress: from });
    let answer = '';
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    socket.on('error', (error) => (answer += `(${error.message})`));
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

/** Shakes hands from 127.0.0.2 and leaves: what could be taken up again, and whether something was. */
export function handshake(
  door: Pick<Door, 'address'>,
  port: number,
  options: Pick<tls.ConnectionOptions, 'maxVersion' | 'session'>,
): Promise<{ readonly tickets: readonly Buffer[]; readonly isReused: boolean }> {
  return new Promise((resolve, reject) => {
    const tickets: Buffer[] = [];
    const where = { host: door.address, port, localAddress: '127.0.0.2' };
    const socket = tls.connect({ ...where, rejectUnauthorized: false, ...options });
    socket.on('session', (session: Buffer) => tickets.push(session));
    socket.on('error', reject);
    let isReused = false;
    socket.on('secureConnect', () => {
      isReused = socket.isSessionReused();
      const own = socket.getSession();
      if (own !== undefined) tickets.push(own);
    });
    socket.once('data', () => socket.end('QUIT\r\n'));
    socket.on('close', () => resolve({ tickets, isReused }));
  });
}
