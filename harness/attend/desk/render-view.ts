import type { AttendedDevice, AttendView } from '../../vocabulary/attend.ts';
import type { Device } from '../../vocabulary/device.ts';
import { DIRECTIONS } from '../../vocabulary/trial.ts';
import type { DeskDevice, DeskState } from './state.ts';

/** What stays the same for a whole attended run. */
export interface ViewFrame {
  readonly run: string;
  readonly startedAt: string;
  readonly certificate: AttendView['certificate'];
  readonly devices: readonly ListedDevice[];
}

/** A device of the run, and where it stands: a note from the list, "" for none. */
export interface ListedDevice {
  readonly device: Device;
  readonly note: string;
}

/** Of states that have not changed: views are made for each change, and most devices stay as they were. */
const rendered = new WeakMap<DeskDevice, AttendedDevice>();

/** What pages show. `now`: epoch ms. */
export function renderView(state: DeskState, frame: ViewFrame, now: number): AttendView {
  const listed = new Map(frame.devices.map((d) => [d.device.id, d]));
  return {
    version: state.version,
    now: new Date(now).toISOString(),
    run: frame.run,
    startedAt: frame.startedAt,
    certificate: frame.certificate,
    devices: state.devices.flatMap((d) => {
      const about = listed.get(d.id);
      if (about === undefined) return [];
      const known = rendered.get(d) ?? renderDevice(d, about);
      rendered.set(d, known);
      return [known];
    }),
    strangers: state.strangers.map((s) => ({
      ...s,
      mayBe: state.contests.find((c) => c.stranger === s.id)?.devices ?? [],
    })),
    people: state.people,
    finished: state.finished,
  };
}

function renderDevice(desk: DeskDevice, { device, note }: ListedDevice): AttendedDevice {
  const isOver = desk.state === 'done' || desk.state === 'skipped';
  return {
    id: device.id,
    name: nameOf(device),
    kind: device.kind,
    note,
    state: desk.state,
    ...(desk.problem === null ? {} : { problem: desk.problem }),
    rivals: desk.rivals,
    configured: configuredOf(device),
    press: desk.press?.number ?? desk.results.length,
    prompt: isOver || desk.state === 'waiting' ? null : desk.prompt,
    waitsUntil: desk.waitsUntil === null ? null : new Date(desk.waitsUntil).toISOString(),
    by: desk.by,
    // oxlint-disable-next-line no-unused-vars -- what pages need not know
    results: desk.results.map(({ startedAt, ...result }) => result),
    verdicts: desk.verdicts,
    photos: desk.photos,
  };
}

/** First setting of each direction. */
function configuredOf(device: Device): AttendedDevice['configured'] {
  const settings = device.firmware[0]?.settings ?? device.settings;
  return DIRECTIONS.flatMap((direction) => {
    const first = settings.find((s) => (s.protocol === 'smtp') === (direction === 'send'));
    return first === undefined ? [] : [first];
  });
}

function nameOf({ vendor, model }: Device): string {
  return model.toLowerCase().startsWith(vendor.toLowerCase()) ? model : `${vendor} ${model}`;
}
