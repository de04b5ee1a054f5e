import * as z from 'zod';
import { Claim, Menu, Recognition, ShownError } from './claim.ts';
import { isSample } from './emulated.ts';
import { CAUSES, OUTCOMES } from './finding.ts';
import { QemuReach } from './guest-reach.ts';
import { Algorithms, LoginStep, SSH_LOGIN } from './login-step.ts';
import { RootfsReach } from './root-reach.ts';
import { Bilingual, DIRECTIONS, Id, SECURITIES, Setting } from './trial.ts';
import { VERDICTS } from './verdict.ts';

export const KINDS = [
  'mfp',
  'printer',
  'fax',
  'router',
  'firewall',
  'camera',
  'nas',
  'storage',
  'ups',
  'bmc',
  'appliance',
  'pbx',
  'doorstation',
  'smarthome',
  'alarm-panel',
  'plc',
  'io-module',
  'os',
  'mail-program',
  'mail-server',
  'app-or-runtime',
  'tls-library',
] as const;

/** The old TLS stacks of `devices/emulated/stacks`, and the two that need no installation. */
export const STACKS = [
  'node-0.8.6',
  'node-0.8.28',
  'node-0.10.0',
  'node-0.10.48',
  'node-0.12.18',
  'node-4.9.1',
  'node-8.17.0',
  'node-current',
  'forge',
] as const;
export type Stack = (typeof STACKS)[number];

/** How emulated mail firmware behaves beyond its TLS stack. All default to a well-behaved device. */
const Firmware = z.strictObject({
  stack: z.enum(STACKS),
  /** Options of `tls.connect` on that stack; with `forge`: `{version, suites}`. */
  tls: z.record(z.string(), z.unknown()).default({}),
  /** Send the host name as SNI. */
  sni: z.boolean().default(true),
  /** Further TLS options to try, in order, on a new connection after a failed handshake. */
  retries: z.array(z.record(z.string(), z.unknown())).default([]),
  /** After the last failed handshake (or none offered) send in the clear without telling anyone. */
  fallsBackToPlaintext: z.boolean().default(false),
  greeting: z.enum(['EHLO', 'HELO']).default('EHLO'),
  auth: z.enum(['PLAIN', 'LOGIN', 'LOGIN-initial', 'CRAM-MD5', 'none', 'pop-before-smtp']).default('PLAIN'),
  /** Cuts passwords off after this many characters, as some input fields do. */
  passwordField: z.int().positive().optional(),
  /** Roots it knows: none checked, those of its factory, or the factory's and the imported run CA. */
  verifies: z.enum(['nothing', 'factory', 'imported']).default('nothing'),
  verifiesName: z.boolean().default(false),
  /** Its clock, for certificate dates (only with `verifies` other than nothing). */
  clock: z.iso.date().optional(),
  /** Says "sent" as soon as the mail is queued. */
  queues: z.boolean().default(false),
  /** Tries a failed mail again, each so many seconds (at EMULATED_SPEED), so often; a new order makes it give up. */
  resends: z.strictObject({ everySeconds: z.number().min(15).max(3_600), times: z.int().min(1).max(60) }).optional(),
  /** Sends a mail that got through at a further try once more. */
  resendsDelivered: z.boolean().default(false),
  fault: z
    .enum(['none', 'hangs-after-starttls', 'floods-console', 'never-connects', 'loses-mail', 'quits-after-login'])
    .default('none'),
});
export type Firmware = z.infer<typeof Firmware>;

/**
 * What one mode should give: an outcome, with its cause unless it works. `behind`: obstacles behind the first. `silent`:
 * whether the device calls it sent all the same; without it either will do.
 */
export const Expectation = z.strictObject({
  outcome: z.enum(OUTCOMES),
  cause: z.enum(CAUSES).optional(),
  behind: z.array(z.enum(CAUSES)).optional(),
  silent: z.boolean().optional(),
});
export type Expectation = z.infer<typeof Expectation>;

const ByDirection = z.partialRecord(z.enum(DIRECTIONS), Expectation);
/** Keyed by mode: for both directions, by direction, or by engine and then either. */
const ByMode = z.union([
  Expectation,
  ByDirection,
  z.partialRecord(z.enum(['embedded', 'containers', 'hosts']), z.union([Expectation, ByDirection])),
]);

// oxlint-disable-next-line no-control-regex
const PRINTABLE = /^[^\u0000-\u001f\u007f-\u009f]*$/;
// oxlint-disable-next-line no-control-regex
const VERSION = /^(?!\.)[^/\\\u0000-\u001f\u007f-\u009f]*$/;

/** What one firmware version of a device in a container is started from. */
const ContainerFirmware = z.strictObject({
  /** Default: the image in `reach`. */
  image: Id.optional(),
  /** Variables of the device's programs and of its login shell. */
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable is letters, digits and _'),
      z.string().regex(PRINTABLE, 'a value has no control characters'),
    )
    .default({}),
});

const FirmwareVersion = z.strictObject({
  /** Part of a trial's id, and so of the folder that its evidence is written to. */
  version: z
    .string()
    .min(1)
    .max(80)
    .regex(
      VERSION,
      'a version is part of a path: it has no / and no \\, no control characters and no dot at its start',
    ),
  /** Text for people: the TLS library and how it is known. */
  stack: z.string().optional(),
  settings: z.array(Setting).optional(),
  expect: z.record(z.string(), ByMode).optional(),
  /** Emulated devices only: what this version is built from. */
  emulated: Firmware.optional(),
  /** Devices in containers only: where this version is not like its device's image, or needs another environment. */
  container: ContainerFirmware.optional(),
});

/** How the lab reaches a device. */
export const Reach = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('ssh'),
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(22),
    ...SSH_LOGIN,
    login: z.array(LoginStep).default([]),
    /** The mode's host names lead this device to the tap (a DNS override in the lab). Otherwise it is given the address. */
    resolvesHosts: z.boolean().default(false),
  }),
  z.strictObject({
    driver: z.literal('pty'),
    /** Program and arguments (a serial terminal, telnet, a local mail program). Needs --allow-programs. */
    program: z.array(z.string()).min(1),
    login: z.array(LoginStep).default([]),
    resolvesHosts: z.boolean().default(false),
  }),
  z.strictObject({
    driver: z.literal('emulated'),
    /** Console dialect: a file in devices/emulated/consoles. */
    console: Id,
    over: z.enum(['pty', 'ssh']),
    auth: z.enum(['password', 'key', 'keyboard-interactive']).default('password'),
    algorithms: Algorithms.optional(),
    /** Of the host key that the emulated SSH console mints. */
    hostKeyBits: z.union([z.literal(1024), z.literal(2048), z.literal('ed25519')]).default('ed25519'),
  }),
  z.strictObject({
    driver: z.literal('container'),
    /** A folder of devices/containers/images. */
    image: Id,
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]*$/, 'a login name of the image')
      .default('root'),
    auth: z.enum(['password', 'key', 'keyboard-interactive']).default('password'),
    /** Old algorithms that this device alone may use. */
    algorithms: Algorithms.optional(),
    /** Of the host key that is minted for each container. */
    hostKeyBits: z.union([z.literal(1024), z.literal(2048), z.literal('ed25519')]).default('ed25519'),
    /** What its start needs beyond an ordinary container: NET_ADMIN leads its own connections through another program. */
    capabilities: z.array(z.enum(['NET_ADMIN'])).default([]),
    login: z.array(LoginStep).default([]),
  }),
  QemuReach,
  RootfsReach,
  z.strictObject({
    /** A person enters the settings and presses its button: `cutover attend`. */
    driver: z.literal('button'),
    /** The mode's host names lead this device to the door. Otherwise it is given the address. */
    resolvesHosts: z.boolean().default(false),
  }),
  z.strictObject({ driver: z.literal('scripted'), script: z.string() }),
]);
export type Reach = z.infer<typeof Reach>;

/** Why an emulated device behaves as it does, and the verdict that follows from how it is built. */
const Answer = {
  verdict: z.partialRecord(z.enum(DIRECTIONS), z.enum(VERDICTS)),
  cause: z.partialRecord(z.enum(DIRECTIONS), z.enum(CAUSES)).optional(),
};
const Truth = z.strictObject({
  built: z.string().min(1),
  ...Answer,
  /** Where Postfix and Dovecot answer it differently from what the modes list: why, and what follows there. */
  realServers: z.strictObject({ why: z.string().min(1), ...Answer }).optional(),
});

export const Device = z
  .strictObject({
    $schema: z.string().optional(),
    id: Id,
    vendor: z.string().min(1),
    model: z.string().min(1),
    /** The model in English, where `model` describes it in German words instead of naming it. */
    modelEn: z.string().min(1).optional(),
    aliases: z.array(z.string()).default([]),
    kind: z.enum(KINDS),
    os: Id.optional(),
    program: Id.optional(),
    /** First = installed. A device that the lab cannot reach may name none. */
    firmware: z.array(FirmwareVersion).default([]),
    /** First of a direction = as configured. */
    settings: z.array(Setting).default([]),
    fixedPorts: z.boolean().default(false),
    trust: z.enum(['none', 'run-ca']).default('none'),
    reach: Reach.optional(),
    /** The lab in which it stands, where there are several: `cutover run --site` takes only those of one. */
    site: Id.optional(),
    client: Id.optional(),
    sendsRarely: z.boolean().default(false),
    /** How long nothing may move before a trial is given up. */
    patience: z
      .strictObject({
        idleSeconds: z.number().positive().max(86_400).default(15),
        totalSeconds: z.number().positive().max(86_400).default(120),
      })
      .default({ idleSeconds: 15, totalSeconds: 120 }),
    claims: z.array(Claim).default([]),
    menus: z.array(Menu).default([]),
    /** What the device calls each kind of encryption: `{implicit: SSL, starttls: TLS}`. */
    words: z.partialRecord(z.enum(SECURITIES), z.string().min(1)).default({}),
    errors: z.array(ShownError).default([]),
    recognition: Recognition.optional(),
    notes: Bilingual.optional(),
    truth: Truth.optional(),
  })
  .refine((d) => d.reach === undefined || d.reach.driver === 'button' || d.client !== undefined, {
    path: ['client'],
    error: 'a device with `reach` needs `client`: the recipe in devices/clients that tells it to send',
  })
  .refine((d) => d.reach === undefined || d.firmware.length > 0, {
    path: ['firmware'],
    error: 'a device with `reach` names at least one version; the first is the installed one',
  })
  .refine((d) => d.reach === undefined || d.settings.length > 0, {
    path: ['settings'],
    error: 'a device with `reach` has at least one setting; the first is as configured',
  })
  .refine((d) => isSample(d) === (d.truth !== undefined), {
    path: ['truth'],
    error: 'exactly the emulated devices, those in containers and guests of our images have `truth`',
  });
export type Device = z.infer<typeof Device>;

export { isEmulated } from './emulated.ts';

/**
 * How much faster the clocks of emulated devices run between two tries of a mail: a minute is a second, and 10 minutes
 * are watched in 10 s. Faster ones would be slowed down by what a try itself takes here (0.1 to 0.6 s, measured).
 */
export const EMULATED_SPEED = 60;

/** How much faster a device's clock runs than ours. Containers run real programs, in real time. */
export function speedOf(device: Device): number {
  return device.reach?.driver === 'emulated' ? EMULATED_SPEED : 1;
}

/** A system of its own behind QEMU: it reaches nothing but its way out (harness/drivers/guest). */
export function isGuest({ reach }: Device): boolean {
  return reach?.driver === 'qemu' || reach?.driver === 'rootfs';
}

/** How long its start may take before its first order, beyond its patience: a guest's. */
export function bootSecondsOf({ reach }: Device): number {
  return reach?.driver === 'qemu' ? reach.bootSeconds : 0;
}
