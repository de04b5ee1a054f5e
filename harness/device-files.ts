import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { claimProblems } from './claim-rules.ts';
import { HarnessFault } from './faults.ts';
import { Device } from './vocabulary/device.ts';
import { readYamlFile } from './yaml-file.ts';

export interface DeviceFileOptions {
  /** Ids of the modes that there are: then an expectation for any other mode is refused. */
  readonly modes?: readonly string[];
  /** Ids of systems beyond those in the folder: then a condition that names any other system is refused. */
  readonly systems?: readonly string[];
  /** Sources are not dated after it; default: now. */
  readonly today?: Date;
}

export interface DeviceFile {
  readonly device: Device;
  readonly path: string;
}

/**
 * Reads every device below a folder: all `*.yaml` that are not in a folder of recipes or installed packages. In order
 * of their paths.
 *
 * @throws HarnessFault `file-invalid` whose message lists the problems of all files; `file-unreadable` for the folder.
 */
export function readDevices(folder: string, options: DeviceFileOptions = {}): Device[] {
  return readDeviceFiles(folder, options).map(({ device }) => device);
}

/** The same, with the path of each. */
export function readDeviceFiles(folder: string, options: DeviceFileOptions = {}): DeviceFile[] {
  const problems: string[] = [];
  const read = new Map<string, DeviceFile>();
  for (const path of deviceFiles(folder)) {
    try {
      const device = readDevice(path, options);
      const other = read.get(device.id);
      if (other === undefined) read.set(device.id, { device, path });
      else problems.push(`${path}:1:1: id: "${device.id}" is also in ${other.path}; give one another id and name`);
    } catch (error) {
      if (!(error instanceof HarnessFault)) throw error;
      problems.push(error.message);
    }
  }
  const files = [...read.values()];
  if (options.systems !== undefined) problems.push(...unknownSystems(files, options.systems, options));
  if (problems.length > 0) throw new HarnessFault('file-invalid', problems.join('\n'), { stage: 'configuration' });
  return files;
}

/** Which systems there are is known only once all files are read; a file that names another is read again to say where. */
function unknownSystems(files: readonly DeviceFile[], more: readonly string[], options: DeviceFileOptions): string[] {
  const systems = [...files.filter(({ device }) => device.kind === 'os').map(({ device }) => device.id), ...more];
  return files.flatMap(({ device, path }) => {
    const named = [...device.claims, ...device.menus].flatMap(({ when }) => when?.os ?? []);
    if (named.every((os) => systems.includes(os))) return [];
    try {
      readYamlFile(path, deviceFile(device.id, { ...options, systems }));
      return [];
    } catch (error) {
      if (error instanceof HarnessFault) return [error.message];
      throw error;
    }
  });
}

/**
 * Reads one device file. Its name must be the device's id. Files that it names are then named by absolute paths.
 *
 * @throws HarnessFault `file-unreadable` or `file-invalid`, with line and column.
 */
export function readDevice(path: string, options: DeviceFileOptions = {}): Device {
  // Which systems the others define is not known here.
  const { systems: _, ...own } = options;
  return locateFiles(readYamlFile(path, deviceFile(basename(path).replace(/\.ya?ml$/, ''), own)), dirname(path));
}

/** Paths of what is booted or entered are relative to the device file; from here on they are absolute. */
function locateFiles(device: Device, folder: string): Device {
  const { reach } = device;
  const at = (path: string) => resolve(folder, path);
  if (reach?.driver === 'rootfs' && reach.root !== undefined)
    return { ...device, reach: { ...reach, root: at(reach.root) } };
  if (reach?.driver !== 'qemu') return device;
  const { disk, kernel, initrd } = reach;
  return {
    ...device,
    reach: {
      ...reach,
      ...(disk && { disk: { ...disk, file: at(disk.file) } }),
      ...(kernel === undefined ? {} : { kernel: at(kernel) }),
      ...(initrd === undefined ? {} : { initrd: at(initrd) }),
    },
  };
}

/** The JSON Schema that editors use for device files: what may be written, before defaults are filled in. */
export function renderDeviceSchema(): string {
  const schema = z.toJSONSchema(Device, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** `stacks` and `node_modules` hold installed packages, `clients` recipes, `images` those of what guests boot. */
const OTHER_FOLDERS = new Set(['clients', 'images', 'stacks', 'node_modules']);

function deviceFiles(folder: string): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new HarnessFault('file-unreadable', `${folder}: cannot be read as a folder of devices.`, {
      advice: 'Give a folder that holds device files (*.yaml).',
      stage: 'configuration',
      cause,
    });
  }
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return OTHER_FOLDERS.has(entry.name) ? [] : deviceFiles(path);
      // A link to a file is as good as one; links to folders are not followed, because they may go round.
      return (entry.isFile() || entry.isSymbolicLink()) && /\.ya?ml$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

/** What a schema alone cannot know: the file's name, the modes there are, and which entries go together. */
function deviceFile(id: string, { modes, systems, today = new Date() }: DeviceFileOptions) {
  return Device.superRefine((device, context) => {
    const refuse = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (device.id !== id) refuse(['id'], `"${device.id}" is not the file's name; call the file ${device.id}.yaml`);
    for (const [path, text, unseen] of textsOf(device)) {
      if (unseen.test(text))
        refuse(path, 'holds characters that cannot be seen (control, text direction); remove them');
      if (STATING.has(String(path[0])) && !path.includes('source') && TRANSITION.test(text))
        refuse(
          path,
          'speaks of the transition server, which ends: say what the source says, and put what follows into `implies`',
        );
    }
    for (const [i, firmware] of device.firmware.entries()) {
      if (device.firmware.findIndex((other) => other.version === firmware.version) !== i) {
        refuse(['firmware', i, 'version'], `"${firmware.version}" is listed twice; keep one`);
      }
      refuseTwins(firmware.settings ?? [], ['firmware', i, 'settings'], refuse);
      for (const mode of Object.keys(firmware.expect ?? {})) {
        if (modes === undefined || modes.includes(mode)) continue;
        refuse(['firmware', i, 'expect', mode], `there is no mode "${mode}"; the modes are ${modes.join(', ')}`);
      }
      const emulated = device.reach?.driver === 'emulated';
      if (emulated !== (firmware.emulated !== undefined)) {
        const text = emulated
          ? 'is missing, and an emulated device is built from it; add it'
          : 'is for emulated devices';
        refuse(['firmware', i, 'emulated'], text);
      }
      if (firmware.container !== undefined && device.reach?.driver !== 'container')
        refuse(['firmware', i, 'container'], 'is for devices with `reach.driver: container`');
    }
    refuseTwins(device.settings, ['settings'], refuse);
    for (const { path, text } of claimProblems(device, today)) refuse(path, text);
    if (systems === undefined) return;
    for (const list of ['claims', 'menus'] as const) {
      for (const [i, { when }] of device[list].entries()) {
        if (when?.os === undefined || systems.includes(when.os)) continue;
        refuse(
          [list, i, 'when', 'os'],
          `no device file of the kind "os" is called "${when.os}"; name one that there is`,
        );
      }
    }
  });
}

/** A trial's id holds the setting's: two alike would overwrite each other's records. */
function refuseTwins(
  settings: readonly { readonly id: string }[],
  path: PropertyKey[],
  refuse: (path: PropertyKey[], message: string) => void,
): void {
  for (const [i, { id }] of settings.entries()) {
    const first = settings.findIndex((other) => other.id === id);
    if (first !== i) refuse([...path, i, 'id'], `"${id}" is the id of another setting as well; give it its own`);
  }
}

/** Every text and key of a file, and what may not stand in it. Prose may have line ends and tabs, nothing else may. */
function* textsOf(value: unknown, path: readonly PropertyKey[] = []): Generator<[PropertyKey[], string, RegExp]> {
  if (typeof value === 'string')
    yield [[...path], value, PROSE.has(String(path.at(-1))) ? UNPRINTABLE_PROSE : UNPRINTABLE];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const within = [...path, Array.isArray(value) ? Number(key) : key];
      yield [within, key, UNPRINTABLE];
      yield* textsOf(inner, within);
    }
  }
}

/** `says`, `built`, and both languages of `notes`: written in block texts, which end with a line end. */
const PROSE = new Set(['says', 'built', 'de', 'en']);

/** What sources say holds on any day; a transition server is the provider's, and once it has ended nobody may be sent there. */
const STATING = new Set(['claims', 'menus', 'errors', 'recognition', 'notes']);
const TRANSITION = /Übergangs-?server|transition(?:al)? (?:mail )?(?:server|host)|nur noch bis\b/i;

/** Texts reach terminals and pages; nothing in them may steer a terminal or turn text around. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE_PROSE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
