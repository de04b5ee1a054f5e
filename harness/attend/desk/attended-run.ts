import { randomInt } from 'node:crypto';
import type { RunCa } from '../../pki/mint.ts';
import type { RunFolder } from '../../records.ts';
import { openRig } from '../../rig.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Record } from '../../vocabulary/record.ts';
import type { Run } from '../../vocabulary/run.ts';
import { ENDPOINTS, type Scenario } from '../../vocabulary/trial.ts';
import type { Door, DoorOptions } from '../door/contract.ts';
import { openDoor } from '../door/open-door.ts';
import { createChooser } from './choose-press.ts';
import { type DeskSaver, openDeskSaver } from './desk-saver.ts';
import { type Desk, openDesk } from './open-desk.ts';
import { openPageServer, type PageServer, type PageServerOptions } from './page-server.ts';
import type { ListedDevice } from './render-view.ts';
import type { SavedDesk } from './saved-desk.ts';

export interface AttendedRunOptions {
  readonly run: Run;
  readonly folder: RunFolder;
  readonly devices: readonly ListedDevice[];
  /** See `nameAllHosts`. */
  readonly modes: readonly Mode[];
  readonly scenarios: readonly Scenario[];
  /** Address of this machine that devices and tablets dial. */
  readonly listen: string;
  readonly ports: DoorOptions['ports'];
  /** null: without a page, for the console. */
  readonly page: (PageServerOptions['page'] & { readonly port: number }) | null;
  /** What a run that was cut off left. */
  readonly before?: { readonly saved: SavedDesk; readonly records: readonly Record[] };
  /** The root that devices are given, if it is to outlive this process. */
  readonly runCa?: RunCa;
  /** What leads host names here: to be kept for a restart. */
  readonly names?: SavedDesk['names'];
  readonly settleMs?: number;
  readonly patienceMs?: number;
  readonly keepBodies?: boolean;
  readonly signal: AbortSignal;
}

/** Servers, door, desk and page of an attended run. Closing it writes what came late, and leaves the folder open. */
export interface AttendedRun extends AsyncDisposable {
  readonly desk: Desk;
  readonly door: Door;
  readonly page: PageServer | null;
  readonly proofs: Run['proofs'];
  /** PEM: what devices of a lab may be given to trust. */
  readonly roots: { readonly factory: string; readonly run: string };
}

/** Opens everything behind an attended run, and saves its state after each change, so that it can go on after a crash. */
export async function openAttendedRun(options: AttendedRunOptions): Promise<AttendedRun> {
  const { run, folder, modes, listen, before } = options;
  await using unlessReady = new AsyncDisposableStack();
  // Only the door can be reached from outside: the servers behind it stay on this machine.
  const rig = unlessReady.use(
    await openRig({
      modes,
      listen: '127.0.0.1',
      addresses: [listen],
      acceptsAnyLogin: true,
      newPassword: typablePassword,
      ...(options.runCa === undefined ? {} : { runCa: options.runCa }),
    }),
  );
  let desk: Desk | null = null;
  // A number has to be entered in any case: then it may as well tell whose connection it is.
  const ownPorts = before === undefined ? (options.ports === 'mapped' ? {} : undefined) : before.saved.ownPorts;
  const door = unlessReady.use(
    await openDoor({
      rig,
      listen,
      ports: before?.saved.ports ?? options.ports,
      ...(ownPorts === undefined ? {} : { ownPorts }),
      // Those that are done, too: a later try of theirs is no stranger's.
      known: Object.fromEntries(before?.saved.devices.map(({ id, traits }) => [id, traits]) ?? []),
      onNews: (news) => desk?.news(news),
    }),
  );
  const opened = openDesk({
    ...options,
    door,
    modes: rig.modes,
    choose: createChooser({ modes: rig.modes, scenarios: options.scenarios }),
    frame: {
      run: run.run,
      startedAt: run.startedAt,
      certificate: modes.every((m) => m.purpose !== 'policy' || 'files' in m.certificate) ? 'provider' : 'lab',
      devices: options.devices,
    },
  });
  desk = unlessReady.use(opened);
  let saver: DeskSaver | null = null;
  const page =
    options.page === null
      ? null
      : unlessReady.use(
          await openPageServer({
            desk: opened,
            page: options.page,
            policies: modes,
            listen,
            port: before?.saved.page.port ?? options.page.port,
            sessions: before?.saved.page.sessions ?? [],
            saved: async () => saver?.saved(),
          }),
        );

  const keeper = unlessReady.use(
    openDeskSaver(folder, () => ({
      v: 1,
      run: run.run,
      startedAt: run.startedAt,
      listen,
      ports: Object.fromEntries(ENDPOINTS.map(({ port }) => [String(port), door.portOf(port)])),
      ...(ownPorts === undefined ? {} : { ownPorts: door.ownPorts() }),
      page: { port: page?.port ?? 0, sessions: [...(page?.sessions() ?? [])] },
      ...opened.save(),
    })),
  );
  saver = keeper;
  opened.onChange(() => keeper.changed());
  const closing = unlessReady.move();
  return {
    desk: opened,
    door,
    page,
    proofs: [...rig.proofs],
    roots: { factory: rig.pki.factoryRootPem, run: rig.pki.runCaPem },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Any is let in; this one is quick to type on a panel with ten keys, and long enough for devices that ask for eight. */
function typablePassword(): string {
  return Array.from({ length: 8 }, () => randomInt(10)).join('');
}
