import type { Row } from '../../lists/list-row.ts';
import { type FindMatch } from '../../lists/match-device.ts';
import { freeId, slugOf } from '../../lists/name-device.ts';
import { UNKNOWN_VERSION, USUAL_KIND, USUAL_SETTING } from '../../lists/usual-device.ts';
import { Device } from '../../vocabulary/device.ts';
import { isEmulated } from '../../vocabulary/emulated.ts';
import type { Setting } from '../../vocabulary/trial.ts';
import type { ListedDevice } from './render-view.ts';

/** Rows of one device, and the id that it goes by. */
export interface NamedRows {
  readonly id: string;
  /** At least one. */
  readonly rows: readonly Row[];
  /** The known device that they name. */
  readonly base: Device | undefined;
}

/**
 * The devices of a list, in its order. A row of a known maker and model takes its file's id, kind, menus and words, so
 * that what is measured speaks of that model; a second one of the same model gets an id of its own. A model that is only
 * like known ones is a device of its own.
 */
export function createListed(rows: readonly Row[], find: FindMatch): readonly ListedDevice[] {
  return nameListed(rows, find).flatMap(({ id, rows: own, base }) => {
    const [first] = own;
    if (first === undefined) return [];
    const note = [first.place, first.inventory].filter((text) => text !== '').join(' · ');
    return [{ device: createDevice(id, own, first, base), note }];
  });
}

/** Which rows are one device: those of the same maker, model, place and number. */
export function nameListed(rows: readonly Row[], find: FindMatch): readonly NamedRows[] {
  const groups = Map.groupBy(rows, (r) => JSON.stringify([r.id, r.vendor, r.model, r.place, r.inventory].map(fold)));
  const taken = new Set<string>();
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const match = find(first);
    const base = match.kind === 'matched' ? match.device : undefined;
    const wanted = base?.id ?? (first.id === '' ? slugOf(`${first.vendor} ${first.model}`) : first.id);
    const id = freeId(wanted, first, taken);
    taken.add(id);
    return [{ id, rows: own, base }];
  });
}

function createDevice(id: string, rows: readonly Row[], first: Row, base: Device | undefined): Device {
  const [installed, ...older] = base?.firmware ?? [];
  const { settings: ownSettings, ...version } = installed ?? { version: UNKNOWN_VERSION };
  const known = ownSettings ?? base?.settings ?? [];
  const directions = new Set(rows.flatMap((r) => r.direction ?? []));
  const named = rows.flatMap(({ setting }) => (setting === null ? [] : [withMenu(setting, known)]));
  const settings = uniqueSettings([...named, ...known]).filter(
    ({ protocol }) => directions.size === 0 || directions.has(protocol === 'smtp' ? 'send' : 'fetch'),
  );
  const emulated = base !== undefined && isEmulated(base);
  return Device.parse({
    ...base,
    id,
    vendor: base?.vendor ?? first.vendor,
    model: base?.model ?? first.model,
    kind: first.kind ?? base?.kind ?? USUAL_KIND,
    // What is emulated is built from its version: a list cannot change that.
    firmware: [{ ...version, version: (emulated ? null : first.firmware) ?? version.version }, ...older],
    settings: settings.length === 0 ? [USUAL_SETTING] : settings,
    reach: emulated ? base.reach : { driver: 'button' },
  });
}

function withMenu(setting: Setting, known: readonly Setting[]): Setting {
  const same = known.find((k) => k.protocol === setting.protocol && k.port === setting.port);
  const near = same ?? known.find((k) => k.protocol === setting.protocol);
  return near?.menu === undefined ? setting : { ...setting, menu: near.menu };
}

/** The first of those that enter the same. Ids stay apart, too: a trial's id holds them. */
function uniqueSettings(settings: readonly Setting[]): readonly Setting[] {
  const byEntry = new Map(
    settings.toReversed().map((s) => [`${s.protocol} ${s.port} ${s.security} ${s.host ?? ''} ${s.auth ?? ''}`, s]),
  );
  return [...new Map([...byEntry.values()].map((s) => [s.id, s])).values()].toReversed();
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}
