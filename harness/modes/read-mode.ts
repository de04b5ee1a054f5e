import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { readYamlFile } from '../yaml-file.ts';
import { ModeFile } from './mode-file.ts';

/** The modes that come with the harness, by id. */
export const MODES_FOLDER = import.meta.dirname;

/** Why an engine cannot do as a mode says, at a place in its file: a message says what, why and what to do. */
export interface ModeRefusal {
  /** Keys and indexes from the top of the mode's YAML. */
  readonly path: readonly (string | number)[];
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

/**
 * Reads one mode. Paths of the provider's certificate and configuration become absolute, seen from the mode's folder.
 *
 * @param refusalsOf What an engine has against it: told like any other problem of the file.
 * @throws HarnessFault `file-unreadable` or `file-invalid`, with line and column.
 */
export function readMode(path: string, refusalsOf: (mode: Mode) => readonly ModeRefusal[] = () => []): Mode {
  const folder = dirname(resolve(path));
  const schema = ModeFile.superRefine((mode, context) => {
    const missing = mode.configuration === undefined ? null : whyNoConfiguration(resolve(folder, mode.configuration));
    if (missing !== null) context.addIssue({ code: 'custom', path: ['configuration'], message: missing });
    for (const { path: at, what, why, todo } of refusalsOf(mode))
      context.addIssue({ code: 'custom', path: [...at], message: `${what}: ${why}; ${todo}` });
  });
  const mode = readYamlFile(path, schema);
  const { certificate, configuration } = mode;
  return {
    ...mode,
    ...(configuration === undefined ? {} : { configuration: resolve(folder, configuration) }),
    ...('minted' in certificate
      ? {}
      : {
          certificate: {
            files: { chain: resolve(folder, certificate.files.chain), key: resolve(folder, certificate.files.key) },
          },
        }),
  };
}

/**
 * Reads modes by id (`strict`: a file of the harness) or by path (`./mine.yaml`: one with a slash, or ending in .yaml).
 *
 * @throws HarnessFault `mode-unknown`, or `mode-twice` when two files have one id; otherwise as `readMode`.
 */
export function readModes(
  namesOrPaths: readonly string[],
  refusalsOf?: (mode: Mode) => readonly ModeRefusal[],
): Mode[] {
  const modes = namesOrPaths.map((name) => readMode(pathOf(name), refusalsOf));
  const twice = modes.find((mode, i) => modes.findIndex((other) => other.id === mode.id) !== i);
  if (twice !== undefined) {
    throw new HarnessFault('mode-twice', `Two of the modes ${namesOrPaths.join(', ')} have the id "${twice.id}".`, {
      advice: 'Name each mode once, and give a mode of your own an id of its own.',
      stage: 'configuration',
    });
  }
  return modes;
}

/** Ids of the modes that come with the harness. */
export function shippedModes(): readonly string[] {
  return readdirSync(MODES_FOLDER).flatMap((file) => (file.endsWith('.yaml') ? file.slice(0, -5) : []));
}

/** A folder of another layout would be mounted, and none of its settings read. */
function whyNoConfiguration(folder: string): string | null {
  if (!existsSync(folder)) return `there is no folder ${folder}; make it, or correct this path`;
  const holds = (part: string, ending: string) =>
    existsSync(join(folder, part)) && readdirSync(join(folder, part)).some((name) => name.endsWith(ending));
  if (holds('postfix', '.cf') || holds('dovecot', '.conf')) return null;
  return `${folder} holds neither postfix/*.cf nor dovecot/*.conf; put your own settings there, or leave this out`;
}

function pathOf(name: string): string {
  if (isAbsolute(name) || /[/\\]|\.ya?ml$/.test(name)) return name;
  const known = shippedModes();
  if (known.includes(name)) return join(MODES_FOLDER, `${name}.yaml`);
  throw new HarnessFault('mode-unknown', `There is no mode "${name}". The modes are: ${known.join(', ')}.`, {
    advice: 'Give one of these, or the path of a YAML file (./mine.yaml).',
    stage: 'configuration',
    exitCode: 64,
  });
}
