import type net from 'node:net';
import { HarnessFault } from '../../faults.ts';
import { checkListenAddress } from '../../listen-address.ts';
import { relayConnection } from '../../tap-relay.ts';
import { type Change, type Endpoint, ENDPOINTS, type Port } from '../../vocabulary/trial.ts';
import { endpointOf } from '../../rig.ts';
import { bindFree, bindKept } from '../bind-port.ts';
import { type Carried, createCarried, type Policy } from './carried.ts';
import type { Door, DoorLimits, DoorOptions, Press } from './contract.ts';
import { openOwnPorts } from './own-ports.ts';
import { createGate } from './gate.ts';
import { listenOn, type Listener } from './listen-on.ts';
import { createPress } from './press.ts';
import { createRegister } from './register.ts';

/**
 * A printer scans for minutes and sends once; forty of them come to some tens of connections at a time. What is kept of
 * one is 192 KiB at most (see KEEPING), of all strangers 12 MB.
 */
const LIMITS: DoorLimits = {
  open: 400,
  openPerAddress: 24,
  newPerAddress: 60,
  keptPerPress: 50,
  keptOfStrangers: 60,
  keptPerStranger: 8,
  strangerMs: 120_000,
};
/** A handshake with a long chain, the dialogue, and how it ended; nobody needs the mail. */
const KEEPING = { head: 64 * 1024, tail: 32 * 1024 };

/** A client that has not said a word by now waits for the server, which would not speak first either. In ms. */
const HELLO_MS = 2_000;

/**
 * Opens the seven listeners. Each connection is led to the servers of the press that its device is asked for, as far as
 * its address, port and hello tell; who cannot be told meets strict. Where the server speaks first, it is chosen when the
 * connection is accepted: what it says differs. What the device says later decides whose it was.
 *
 * @throws LabFault `door-port` when a port cannot be bound; HarnessFault `listen-public` for a public address.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { rig, listen } = options;
  const limits: DoorLimits = { ...LIMITS, ...options.limits };
  checkListenAddress(listen, rig.modes);
  await using unlessReady = new AsyncDisposableStack();
  const opened = unlessReady.use(new AsyncDisposableStack());
  const policyOf = async (mode: string, change?: Change): Promise<Policy> => ({
    key: change === undefined ? mode : `${mode} ${change.path} ${JSON.stringify(change.to)}`,
    server: await rig.serverOf(mode, change),
  });
  const strict = await policyOf(options.strangersMeet ?? 'strict');
  const gate = createGate(limits);
  const register = createRegister({ strict, limits, known: options.known ?? {}, onNews: options.onNews ?? (() => {}) });
  const open = new Set<Carried>();
  const ports = new Map<Port, number>();
  const accounts = new Map<string, string>();
  let count = 0;
  let turnedAway = 0;
  let isClosing = false;

  for (const endpoint of ENDPOINTS) {
    const listener = opened.use(await openShared(endpoint));
    ports.set(endpoint.port, listener.port);
  }
  const ownPorts = openOwnPorts(
    async (endpoint, port, device) => opened.use(await openListener(endpoint, port, device)),
    options.ownPorts ?? {},
  );
  unlessReady.move();

  return {
    address: listen,
    portOf,
    ownPort: (device, port) => ownPorts.open(device, port),
    givesOwnPorts: options.ownPorts !== undefined,
    ownPorts: () => ownPorts.bound(),
    async expect(asked) {
      const { device, trial } = asked;
      if (trial.engine !== 'embedded')
        throw new HarnessFault('door-engine', `${trial.id}: the door leads to embedded servers only`);
      accounts.set(rig.accountOf(device).user, device);
      const policy = await policyOf(trial.mode, trial.change);
      const { port } = endpointOf(trial.setting);
      const own = await (options.ownPorts === undefined ? ownPorts.find(device, port) : ownPorts.open(device, port));
      const press = createPress({
        ...asked,
        rig,
        policy,
        listen,
        port: own ?? portOf(port),
        hasOwnPort: own !== undefined,
        maxKept: limits.keptPerPress,
        onChange: () => register.changed(),
        onDispose: async () => forget(press.press),
      });
      register.expect(press);
      return press.press;
    },
    strangers: () => register.strangers(),
    claim: (stranger, press) => register.claim(stranger, press),
    dismiss: (stranger) => register.dismiss(stranger),
    traitsOf: (device) => register.traitsOf(device),
    get turnedAway() {
      return turnedAway;
    },
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      const closed = opened.disposeAsync();
      // A listener ends with the last of its connections.
      for (const { relay } of open) relay.abort();
      await closed;
    },
  };

  function portOf(port: Port): number {
    return ports.get(port) ?? port;
  }

  /** Where each device has ports of its own nobody was told these numbers, and others do as well. */
  async function openShared(endpoint: Endpoint): Promise<Listener> {
    const bind = (port: number) => openListener(endpoint, port, null);
    const port = wantedPort(options.ports, endpoint.port);
    if (port === endpoint.port) return bind(port);
    if (port === 0 || options.ownPorts !== undefined) return bindFree(bind);
    return bindKept(port, bind);
  }

  function openListener(endpoint: Endpoint, port: number, ownPortOf: string | null): Promise<Listener> {
    const where = { address: listen, port, canonical: endpoint.port };
    return listenOn(where, (socket) => accept(socket, endpoint, ownPortOf));
  }

  function accept(socket: net.Socket, endpoint: Endpoint, ownPortOf: string | null): void {
    const address = socket.remoteAddress?.replace(/^::ffff:(?=[\d.]+$)/, '');
    // Gone before it was accepted, or too late.
    if (address === undefined || isClosing) return void socket.destroy();
    if (!gate.enter(address)) return turnAway(socket);
    if (open.size >= limits.open && !makeRoom()) {
      gate.leave(address);
      return turnAway(socket);
    }
    count += 1;
    const bytes = { client: 0, server: 0 };
    const relay = relayConnection(socket, count, {
      endpoint,
      upstream: 'later',
      keepBytes: KEEPING,
      onBytes: (from, read) => (bytes[from] += read),
      onChange: () => {
        register.moved(carried);
        if (carried.policy === null && carried.isIntroduced) lead(carried);
      },
    });
    const carried: Carried = createCarried({
      ownPortOf,
      atMs: Date.now(),
      isPersistent: register.isPersistent(address),
      client: { address, port: socket.remotePort ?? 0 },
      number: count,
      endpoint,
      relay,
      bytes,
      deviceOf: (account) => accounts.get(account) ?? null,
    });
    if (endpoint.tls !== 'implicit') lead(carried);
    const isMute = setTimeout(() => lead(carried), HELLO_MS).unref();
    open.add(carried);
    const tooLong = setTimeout(() => {
      if (!register.isClaimed(carried)) relay.abort();
    }, limits.strangerMs).unref();
    void relay.closed.then(() => {
      clearTimeout(tooLong);
      clearTimeout(isMute);
      open.delete(carried);
      gate.leave(address);
      carried.closed();
      register.moved(carried);
    });
    register.add(carried);
  }

  function lead(carried: Carried): void {
    if (carried.policy !== null) return;
    carried.lead(register.policyFor(carried));
    register.led(carried);
  }

  function turnAway(socket: net.Socket): void {
    turnedAway += 1;
    socket.on('error', () => {}).resetAndDestroy();
  }

  /** Of whoever has most connections that no press claims, the oldest goes. `false`: all are claimed. */
  function makeRoom(): boolean {
    const unclaimed = [...open].filter((carried) => !register.isClaimed(carried));
    const byAddress = [...Map.groupBy(unclaimed, ({ facts }) => facts.address).values()];
    const busiest = byAddress.toSorted((a, b) => b.length - a.length)[0]?.[0];
    if (busiest === undefined) return false;
    open.delete(busiest);
    busiest.relay.abort();
    return true;
  }

  function forget(press: Press): void {
    for (const carried of register.forget(press)) carried.relay.abort();
  }
}

function wantedPort(ports: DoorOptions['ports'], port: Port): number {
  if (ports === 'canonical') return port;
  return ports === 'mapped' ? 0 : (ports[port] ?? port);
}
