import { HarnessFault } from '../faults.ts';
import type { Device, Reach } from '../vocabulary/device.ts';
import { type LoginExpression, parseLoginExpression } from '../vocabulary/login-expression.ts';
import type { Session, Waiting } from './session.ts';

type Steps = Extract<Reach, { driver: 'pty' }>['login'];

/** Variables of the environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A device file's login dialogue, checked and with its secrets: ready to be played. */
export interface Login {
  /** To be blanked in transcripts. */
  readonly secrets: readonly string[];
  /** @param waiting Limits of the next step, where they are not those of the session. */
  play(session: Session, waiting?: () => Waiting): Promise<void>;
}

/**
 * Checks the `login` steps before anything is opened. Throws HarnessFault `secret-missing`,
 * `login-expression-invalid` or `login-without-user`.
 */
export function planLogin(device: Device, steps: Steps, environment: Environment, user?: string): Login {
  const planned = steps.map((step, index) => ({
    expect: compile(device, step.expect, index),
    send: step.send === undefined ? undefined : fillUser(device, step.send, user),
    secret: step.secretEnv === undefined ? undefined : readSecret(device, step.secretEnv, environment),
  }));
  return {
    secrets: planned.flatMap(({ secret }) => secret ?? []),
    play: async (session, waiting = () => ({})) => {
      for (const { expect, send, secret } of planned) {
        const { regExp, lastCharacters } = expect;
        await session.expect({ [`/${regExp.source}/`]: regExp }, { ...waiting(), lastCharacters });
        if (send !== undefined) session.send(send);
        if (secret !== undefined) session.send(secret, { secret: true });
      }
    },
  };
}

/** Value of the variable that a device file names. Throws HarnessFault `secret-missing`. */
export function readSecret(device: Device, name: string, environment: Environment): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new HarnessFault('secret-missing', `device ${device.id}: the environment variable ${name} is not set`, {
    advice: `Its file names it in \`secretEnv\`. Set it in the shell that starts the run: read -rs ${name}; export ${name}`,
    stage: 'configuration',
  });
}

function compile(device: Device, source: string, index: number): Extract<LoginExpression, { kind: 'usable' }> {
  const parsed = parseLoginExpression(source);
  if (parsed.kind === 'usable') return parsed;
  throw new HarnessFault(
    'login-expression-invalid',
    `device ${device.id}: reach.login[${index}].expect ${parsed.why}: ${JSON.stringify(source)}`,
    { stage: 'configuration' },
  );
}

function fillUser(device: Device, text: string, user: string | undefined): string {
  if (!text.includes('{user}')) return text;
  if (user !== undefined) return text.replaceAll('{user}', user);
  throw new HarnessFault('login-without-user', `device ${device.id}: its driver has no \`user\` to put in for {user}`, {
    advice: 'Write the name itself into `send`.',
  });
}
