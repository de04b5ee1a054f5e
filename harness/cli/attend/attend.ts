import { bundleAttendPage } from '../../../reports/attend/bundle-attend-page.ts';
import { type AttendedRun, openAttendedRun } from '../../attend/desk/attended-run.ts';
import { nameAllHosts } from '../../attend/desk/name-all-hosts.ts';
import { readStoredDesk, type StoredDesk } from '../../attend/desk/stored-desk.ts';
import { readDevices } from '../../device-files.ts';
import { HarnessFault, LabFault } from '../../faults.ts';
import { checkListenAddress } from '../../listen-address.ts';
import { readModes, shippedModes } from '../../modes/read-mode.ts';
import { openRunFolder, readRuns, type RunFolder } from '../../records.ts';
import { readScenarios, selectScenarios } from '../../scenario-files.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Run } from '../../vocabulary/run.ts';
import { keepRunCa, type KeptCa } from '../../attend/kept-ca.ts';
import { isLedByNames } from '../../attend/lead-by-names.ts';
import type { Led } from '../../names/instructions.ts';
import { showAttended } from './console.ts';
import { listDevices } from './devices.ts';
import { renderGuides } from './guides.ts';
import { checkChainAgain, type LedRun, type NamesOptions, planNames, startNames } from './names.ts';
import { concludeAll } from '../conclusions.ts';
import { describeRun } from '../describe-run.ts';
import { EXIT } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { catalogueOf, DEFAULT_MODES, DEVICES_FOLDER } from '../prepare.ts';
import { printable } from '../printable.ts';
import { printTable, writeReports } from '../write.ts';

export interface AttendOptions extends NamesOptions {
  readonly listen: string;
  readonly list?: string;
  readonly device?: readonly string[];
  readonly devices?: string;
  readonly mode?: readonly string[];
  readonly ports: 'canonical' | 'mapped';
  readonly pagePort: number;
  readonly out: string;
  /** A run that was cut off, or the folder that holds it. */
  readonly resume?: string;
  readonly console?: boolean;
  /** In ms: how long a connection is waited for after the button was pressed. */
  readonly wait?: number;
  readonly keepBodies?: boolean;
  readonly html: boolean;
  readonly language: 'de' | 'en';
}

/** `cutover attend`: returns the exit code. Throws HarnessFault, also for a port or an address that cannot be had. */
export async function attend(options: AttendOptions): Promise<number> {
  try {
    return await attendRun(options);
  } catch (fault) {
    // Before the first press it is no evidence of a device, but something to be changed by whoever starts the run.
    if (!(fault instanceof LabFault) || fault.stage !== 'start' || fault.advice === undefined) throw fault;
    const { code, message, advice, stage } = fault;
    throw new HarnessFault(code, message, { exitCode: 78, advice, stage, cause: fault });
  }
}

async function attendRun(options: AttendOptions): Promise<number> {
  const before = options.resume === undefined ? null : readStoredDesk(options.resume);
  const all = readDevices(options.devices ?? DEVICES_FOLDER, { modes: shippedModes() });
  const { devices, modes } = before === null ? chooseFrom(options, all) : resumed(before);
  if (!modes.some((m) => m.id === 'strict'))
    throw new HarnessFault('no-strict', 'an attended run needs the mode "strict": the first press meets it', {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Name it with --mode, or leave --mode out.',
    });
  const listen = before?.saved.listen ?? options.listen;
  checkListenAddress(listen, modes);
  const out = before?.out ?? options.out;
  const run = before?.stored.run ?? describeRun(new Date(), { engine: 'embedded', listen }, modes);
  const bundle = options.console === true ? null : await bundleAttendPage();
  const names =
    options.names ??
    before?.saved.names ??
    (devices.some(({ device }) => isLedByNames(device)) ? 'elsewhere' : undefined);

  using interrupt = onInterrupt();
  await using led = names === undefined ? null : await startNames({ devices, modes }, { names, listen }, tellLed());
  using folder = openRunFolder(out, run.run);
  const root = devices.some(({ device }) => device.trust === 'run-ca') ? keepRunCa(folder.path, new Date()) : null;
  if (before !== null && root?.isKnown === false)
    console.error('cutover: the root that devices were given is gone. Give those that check certificates the new one.');
  const port = before?.saved.page.port ?? options.pagePort;
  const page =
    bundle === null ? null : { ...bundle, port, files: renderGuides({ led, runCaPem: root?.ca.pem ?? null }) };
  folder.write(
    'devices.json',
    devices.map((d) => d.device),
  );
  folder.write('run.json', { ...run, state: 'running', endedAt: null });
  const files = { ...options, out, run, folder, devices: devices.map((d) => d.device), modes, all };
  let proofs: Run['proofs'] = run.proofs;
  let isEnded = false;
  try {
    await using attended = await openAttendedRun({
      run,
      folder,
      devices,
      modes,
      listen,
      page,
      scenarios: selectScenarios(await readScenarios(), []),
      ports: options.ports,
      ...(before === null ? {} : { before: { saved: before.saved, records: before.stored.records } }),
      ...(root === null ? {} : { runCa: root.ca }),
      ...(names === undefined ? {} : { names }),
      ...(options.wait === undefined ? {} : { patienceMs: options.wait }),
      keepBodies: options.keepBodies === true,
      signal: interrupt.signal,
    });
    proofs = attended.proofs;
    folder.write('run.json', { ...run, proofs, state: 'running', endedAt: null });
    isEnded = await untilEnded(attended, { ...options, led, root }, interrupt.signal);
  } catch (fault) {
    // Nothing recorded is lost: what is there is concluded before the fault is told.
    await finish({ ...files, run: { ...run, proofs } }, 'interrupted');
    throw fault;
  }
  // First of all: reports may take long, and whoever has the key can pretend to be any server to these devices.
  if (isEnded) root?.discard();
  const written = await finish({ ...files, run: { ...run, proofs } }, isEnded ? 'finished' : 'interrupted');
  if (!isEnded) {
    console.error(`cutover: go on with \`npx cutover attend --resume ${out}\``);
    if (root !== null) console.error(`cutover: until the run has ended, ${root.file} holds the key of its root`);
    return EXIT.interrupted;
  }
  return written ? EXIT.expected : EXIT.different;
}

/** true: a person has ended it; false: Ctrl-C. */
async function untilEnded(
  attended: AttendedRun,
  {
    console: asksHere,
    led,
    root,
    language,
  }: AttendOptions & { readonly led: Led | null; readonly root: KeptCa | null },
  signal: AbortSignal,
): Promise<boolean> {
  const aborted = Promise.withResolvers<false>();
  const abort = () => aborted.resolve(false);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  // oxlint-disable-next-line no-underscore-dangle -- only closed at the end
  using _shown = await showAttended(attended, { console: asksHere === true, led, root, language });
  const ended = await Promise.race([attended.desk.ended.then(() => true), aborted.promise]);
  signal.removeEventListener('abort', abort);
  return ended;
}

function chooseFrom(options: AttendOptions, all: readonly Device[]): LedRun {
  const modes = nameAllHosts(readModes(options.mode ?? DEFAULT_MODES));
  return planNames(options, { devices: listDevices(options, all), modes });
}

/** As they were when the run began: files may have changed since. */
function resumed({ stored, saved }: StoredDesk): LedRun {
  const noteOf = (id: string) => saved.devices.find((d) => d.id === id)?.note ?? '';
  const devices = stored.devices.map((device) => ({ device, note: noteOf(device.id) }));
  const { modes } = stored.run;
  checkChainAgain({ devices, modes });
  return { devices, modes };
}

/** That a device has found the way, once for each: the person at it need not wonder whether its settings took. */
function tellLed(): (led: { readonly host: string; readonly from: string }) => void {
  const told = new Set<string>();
  return ({ host, from }) => {
    if (told.has(from) || told.size >= MAX_TOLD) return;
    told.add(from);
    console.log(printable(`${from} asked for ${host} and is led here.`));
  };
}

/** Addresses of a home or office network; more are forged. */
const MAX_TOLD = 254;

interface Files extends Pick<AttendOptions, 'out' | 'html' | 'language'> {
  readonly run: Run;
  readonly folder: RunFolder;
  readonly devices: readonly Device[];
  readonly modes: readonly Mode[];
  readonly all: readonly Device[];
}

/** Concludes the run and writes the reports over all runs of the folder, as `cutover run` does. */
async function finish(files: Files, state: 'finished' | 'interrupted'): Promise<boolean> {
  const { out, run, folder, devices, all, html, language } = files;
  folder.write('run.json', { ...run, state, endedAt: new Date().toISOString() });
  const runs = readRuns(out);
  const concluded = concludeAll(runs.find((r) => r.run.run === folder.run)?.records ?? [], run.modes);
  folder.write('verdicts.json', concluded.verdicts);
  const asOf = new Date();
  const pages = state === 'interrupted' ? 'quick' : html ? 'all' : 'no-html';
  const written = await writeReports(runs, { out, asOf, language, catalogue: catalogueOf(all), pages });
  printTable(concluded, devices, asOf, runs);
  return written;
}
