import ssh2, { type AnyAuthMethod, type KeyboardInteractiveAuthMethod } from 'ssh2';
import { HarnessFault } from '../../faults.ts';

export type SshAuth = 'password' | 'key' | 'keyboard-interactive';

export interface AuthAttempt {
  readonly method: SshAuth;
  /** What the device said it would take, after it refused; null before. */
  readonly accepts: readonly string[] | null;
  /** Tries the one method of the device file once: guessing further would lock accounts. */
  next(left: readonly string[] | null, decide: (method: AnyAuthMethod | false) => void): void;
}

/** RFC 4252 and 4256. Throws HarnessFault `ssh-key-unreadable`. */
export function createAuth(method: SshAuth, user: string, secret: string): AuthAttempt {
  const attempt = planMethod(method, user, secret);
  let tried = false;
  let accepts: readonly string[] | null = null;
  return {
    method,
    get accepts() {
      return accepts;
    },
    next: (left, decide) => {
      if (tried) accepts = left ?? [];
      decide(tried ? false : attempt);
      tried = true;
    },
  };
}

/** A device may ask again and again; it gets the password this often. */
const MAX_ROUNDS = 3;

function planMethod(method: SshAuth, username: string, secret: string): AnyAuthMethod {
  if (method === 'password') return { type: 'password', username, password: secret };
  if (method === 'key') {
    const key = ssh2.utils.parseKey(secret);
    if (key instanceof Error) {
      throw new HarnessFault('ssh-key-unreadable', 'the private key cannot be read', {
        advice: 'The variable named in `reach.secretEnv` must hold a private key in PEM, without passphrase.',
        stage: 'configuration',
        cause: key,
      });
    }
    return { type: 'publickey', username, key: secret };
  }
  let rounds = 0;
  const prompt: KeyboardInteractiveAuthMethod['prompt'] = (_name, _instructions, _language, prompts, finish) => {
    rounds += 1;
    // A prompt whose answer is shown asks for the name, the others for the password (RFC 4256 section 3.2).
    finish(rounds > MAX_ROUNDS ? [] : prompts.map(({ echo }) => (echo === true ? username : secret)));
  };
  return { type: 'keyboard-interactive', username, prompt };
}
