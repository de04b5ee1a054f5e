import type { Rig, Stand } from '../../rig.ts';
import type { Stranger } from '../../vocabulary/attend.ts';
import type { Port, Trial } from '../../vocabulary/trial.ts';
import type { Traits } from './identify.ts';

export interface DoorOptions {
  /**
   * Opened with `acceptsAnyLogin`, and best on 127.0.0.1 with the door's address among its `addresses`: then nothing
   * but the door can be reached from outside.
   */
  readonly rig: Rig;
  /** Address of this machine that devices dial. */
  readonly listen: string;
  /** `canonical`: 25, 110, … themselves; `mapped`: free ones; or a port for each that is not canonical. */
  readonly ports: 'canonical' | 'mapped' | Readonly<Partial<Record<Port, number>>>;
  /**
   * Gives each device ports of its own, those of before a restart where it had some: then nothing has to be told apart.
   * Absent: all dial the same.
   */
  readonly ownPorts?: OwnPorts;
  /** The mode that answers whoever cannot be told. Default: `strict`. */
  readonly strangersMeet?: string;
  /** What was learnt of devices before a restart, of those that are done as well: see `traitsOf`. */
  readonly known?: Readonly<Record<string, Traits>>;
  readonly onNews?: (news: DoorNews) => void;
  readonly limits?: Partial<DoorLimits>;
}

/** By device, then by canonical port: the number that was bound. */
export type OwnPorts = Readonly<Record<string, Readonly<Partial<Record<Port, number>>>>>;

/** Bounds that no device gets beyond; what is more is reset at once. */
export interface DoorLimits {
  /** Connections open at a time. When it is reached, the oldest of the busiest stranger makes room. */
  readonly open: number;
  readonly openPerAddress: number;
  /** New connections of one address in ten seconds. */
  readonly newPerAddress: number;
  /** Connections of which is kept what they said: of one press, and of strangers (all, and one address). */
  readonly keptPerPress: number;
  readonly keptOfStrangers: number;
  readonly keptPerStranger: number;
  /** ms after which a connection that no press claims is ended. */
  readonly strangerMs: number;
}

/** What a door does, as it happens. Names and addresses come from devices: show them as text only. */
export type DoorNews =
  /** A press has a new connection, bytes, or an end. */
  | { readonly kind: 'moved'; readonly device: string }
  | { readonly kind: 'stranger'; readonly stranger: Stranger }
  | { readonly kind: 'stranger-gone'; readonly stranger: string }
  /** A connection is one of these devices', and nothing tells which. It is kept as this stranger. */
  | { readonly kind: 'ambiguous'; readonly devices: readonly string[]; readonly stranger: string }
  /** `asked` was waited for and `answered` connected, which was not. */
  | { readonly kind: 'other-device'; readonly asked: string; readonly answered: string }
  | { readonly kind: 'address-changed'; readonly device: string; readonly from: string; readonly to: string }
  /** It, or a device that can be no other, dialled `port` (canonical) and was asked for another. */
  | { readonly kind: 'wrong-port'; readonly device: string; readonly port: Port }
  /** It came while another policy answered: what was seen says nothing about this press. */
  | { readonly kind: 'wrong-policy'; readonly device: string };

/** One press of a device: a stand whose tap holds its connections alone. Disposing it forgets them. */
export interface Press extends Stand {
  readonly device: string;
  readonly trial: Trial;
  /** What is entered into the device: the canonical port, or what stands for it. */
  readonly port: number;
  /**
   * A device has tried: it said a word, or waits on implicit TLS for the server to speak first. Who connects and leaves
   * without a word (a port scan, a check whether there is a server) has met no policy yet.
   */
  readonly hasBegun: boolean;
  /**
   * The person has pressed. Connections from shortly before count, too. Until then it waits as well, but behind those
   * that are pressed.
   */
  pressed(): void;
}

export interface ExpectOptions {
  readonly device: string;
  readonly trial: Trial;
  /** The mode's host names lead to the door. Otherwise the device is given the address. */
  readonly resolvesHosts?: boolean;
}

/** What became of a claim. */
export type Claimed =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'refused'; readonly why: 'unknown-stranger' | 'other-port' | 'other-policy' };

/** Seven listeners on one address, and the servers that each connection is led to. Disposing it resets all. */
export interface Door extends AsyncDisposable {
  readonly address: string;
  /** What has to be entered for a canonical port, where no device has ports of its own. */
  portOf(port: Port): number;
  /** A listener for this device alone, on a free port: its connections need no telling apart. */
  ownPort(device: string, port: Port): Promise<number>;
  /** Each device is given ports of its own. */
  readonly givesOwnPorts: boolean;
  /** Those that were opened by now: to be kept, and handed in again after a restart. */
  ownPorts(): OwnPorts;
  /** Waits for the device's press from now on. One that is open for it ends, as when its trial ends. */
  expect(options: ExpectOptions): Promise<Press>;
  strangers(): readonly Stranger[];
  /** The stranger's connections were this press. Nothing is kept of a stranger whose claim is refused for long. */
  claim(stranger: string, press: Press): Claimed;
  /** Nobody's: forgets it. */
  dismiss(stranger: string): void;
  /** What is known of a device by now: to be kept, and handed in again after a restart. */
  traitsOf(device: string): Traits;
  /** Connections that were reset at once because of the limits. */
  readonly turnedAway: number;
}
