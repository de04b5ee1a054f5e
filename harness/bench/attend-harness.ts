import { bundleAttendPage } from '../../reports/attend/bundle-attend-page.ts';
import { openAttendedRun } from '../attend/desk/attended-run.ts';
import { nameAllHosts } from '../attend/desk/name-all-hosts.ts';
import { describeRun } from '../cli/describe-run.ts';
import { readModes } from '../modes/read-mode.ts';
import { openRunFolder } from '../records.ts';
import { PORTS } from '../vocabulary/trial.ts';
import { readScenarios, selectScenarios } from '../scenario-files.ts';
import { listFleet } from './attend-fleet.ts';

/** What it tells the process that started it. */
export type HarnessNews =
  | { readonly kind: 'open'; readonly invitations: readonly string[]; readonly port: number }
  | { readonly kind: 'changes'; readonly changes: readonly Change[] };

/** A change of the desk: when (epoch ms), and what a page that shows this version shows. */
export interface Change {
  readonly version: number;
  readonly at: number;
  /** Of each device, in order: its state, and how many results it has. */
  readonly states: readonly (readonly [state: string, results: number])[];
}

/**
 * `node attend-harness.ts PEOPLE FOLDER`, with a channel: an attended run of the fleet, which goes on as after a restart, when
 * the devices are known by their addresses. A message to it asks for the changes, and ends it.
 */
const [people = '', out = ''] = process.argv.slice(2);
const closing = new AbortController();
process.on('disconnect', () => process.exit(1));

const modes = nameAllHosts(readModes(['today', 'strict', 'legacy']));
const run = describeRun(new Date(), { engine: 'embedded', listen: '127.0.0.1' }, modes);
const fleet = listFleet();
const folder = openRunFolder(out, run.run);
const attended = await openAttendedRun({
  run,
  folder,
  devices: fleet.map(({ device }) => ({ device, note: 'Room 1' })),
  modes,
  scenarios: selectScenarios(await readScenarios(), []),
  listen: '127.0.0.1',
  ports: 'mapped',
  page: { ...(await bundleAttendPage()), port: 0 },
  before: {
    records: [],
    saved: {
      v: 1,
      run: run.run,
      startedAt: run.startedAt,
      listen: '127.0.0.1',
      // Any that are free.
      ports: Object.fromEntries(PORTS.map((port) => [port, 0])),
      page: { port: 0, sessions: [] },
      version: 1,
      people: [],
      finished: false,
      devices: fleet.map(({ device, address }) => ({
        id: device.id,
        note: 'Room 1',
        state: 'waiting',
        by: '',
        said: 'nothing',
        code: '',
        notFound: [],
        photos: [],
        attachments: [],
        traits: { addresses: [address], fingerprints: [], ehloNames: [] },
        entered: {},
      })),
    },
  },
  signal: closing.signal,
});
const changes: Change[] = [];
attended.desk.onChange(() => {
  const { version, devices } = attended.desk.view();
  changes.push({ version, at: Date.now(), states: devices.map((d) => [d.state, d.results.length]) });
});
const invitations: string[] = [];
for (let i = 0; i < Number(people); i += 1) invitations.push((await attended.page?.invite())?.url ?? '');
await tell({ kind: 'open', invitations, port: attended.door.portOf(465) });

process.once('message', () => {
  void tell({ kind: 'changes', changes }).then(async () => {
    closing.abort();
    await attended[Symbol.asyncDispose]();
    process.exit(0);
  });
});

/** Resolves when it is on its way: what is still to be written is lost when a process exits. */
async function tell(news: HarnessNews): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.send?.(news, () => resolve());
  return promise;
}
