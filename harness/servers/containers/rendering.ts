import type { ContainerFile } from '../../containers/contract.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Port } from '../../vocabulary/trial.ts';

/** What a renderer needs beyond the mode itself. */
export interface RenderOptions {
  readonly mode: Mode;
  readonly certificate: { readonly chainPem: string; readonly keyPem: string };
  /** Owner of all mail in the shared folder. Neither server delivers or serves as root: both at least 1. */
  readonly mailOwner: { readonly uid: number; readonly gid: number };
}

/** What is copied into a container before it starts, and what people must know about it. */
export interface Rendering {
  readonly files: readonly ContainerFile[];
  readonly peculiarities: readonly Peculiarity[];
}

/** What a server does otherwise than the mode's words alone would have it: shown by the proof, no contradiction. */
export interface Peculiarity {
  readonly id:
    | 'dovecot-closes-silently'
    | 'dovecot-no-login'
    | 'dovecot-own-address'
    | 'postfix-accepts-sha1'
    | 'postfix-answers-504';
  readonly ports: readonly Port[];
  /** A sentence for people. */
  readonly text: string;
}

/** Where the shared folder of this host is mounted, in the containers of both servers. */
export const SHARED_FOLDER = '/srv/cutover';
/** Below it: a passwd-file for each account, a Maildir for each account, and the one Maildir of all that arrives. */
export const SHARED = {
  accounts: 'accounts',
  mail: 'mail',
  arrived: 'arrived',
} as const;

/** Where Dovecot answers Postfix (its SASL protocol), inside the network of the servers alone. */
export const SASL_PORT = 12_345;
/** Postfix asks Dovecot there: the two share a network namespace, and nobody else gets at the port. */
export const SASL_ADDRESS = '127.0.0.1';

export const SMTP_PORTS: readonly Port[] = [587, 25, 465];
export const FETCH_PORTS: readonly Port[] = [143, 993, 110, 995];

/** Where both servers read what is rendered for them; one's own settings stand in `override` below it. */
export const CONFIG_FOLDER = '/etc/cutover';

/** The key may be read by root alone, who starts both servers. */
export function renderKeyFile(target: string, content: string): ContainerFile {
  return { target, content, mode: 0o600 };
}
