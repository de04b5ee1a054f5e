import { createInterface } from 'node:readline';
import type { AttendedRun } from '../../attend/desk/attended-run.ts';
import { type Led, renderInstructions, renderPlain } from '../../names/instructions.ts';
import type { AttendedDevice, AttendView, Entry, Preparation, SeenStranger } from '../../vocabulary/attend.ts';
import { ENDPOINTS } from '../../vocabulary/trial.ts';
import { type ConsoleLine, CONSOLE_HELP, parseConsoleLine } from './console-line.ts';
import { printable } from '../printable.ts';

export interface ShownOptions {
  /** Prompts here instead of a page. */
  readonly console: boolean;
  /** Devices are told host names; null: the address. */
  readonly led?: Led | null;
  /** Files with the root that devices are given which check certificates; null: none does. */
  readonly root?: { readonly der: string; readonly pem: string } | null;
  /** Of instructions that are handed on to people. */
  readonly language?: 'de' | 'en';
  readonly input?: NodeJS.ReadableStream;
  readonly print?: (line: string) => void;
}

/** Tells where the page is and what is entered into devices; with `console` it asks and answers here instead. */
export async function showAttended(
  attended: Pick<AttendedRun, 'desk' | 'page' | 'door'>,
  options: ShownOptions,
): Promise<Disposable> {
  const { desk, page, door } = attended;
  const print = options.print ?? ((line: string) => console.log(line));
  const tell = (text: string) => print(printable(text));
  const ports = ENDPOINTS.map(({ port }) =>
    door.portOf(port) === port ? `${port}` : `${port} → ${door.portOf(port)}`,
  );
  const where = door.givesOwnPorts ? 'each on a port of its own, which its prompt names' : `ports ${ports.join(', ')}`;
  tell(`Devices dial ${door.address}, ${where}.`);
  for (const line of renderPreparations(options)) tell(line);
  const invite = async () => {
    if (page === null) return;
    const { url, terminal } = await page.invite();
    // Made by us: its colours must stay.
    print(terminal);
    tell(`The page, for one tablet: ${url}`);
    tell('For a further one: press Enter here, or "add a person" on the page. Ctrl-C: stop, and go on later.');
  };
  await invite();
  const input = options.input ?? process.stdin;
  const reading = createInterface({ input, terminal: false });
  const answer = options.console ? openPrompts(desk, tell) : null;
  reading.on('line', (line) => {
    if (answer === null) void invite();
    else answer.line(line);
  });
  return {
    [Symbol.dispose]() {
      answer?.[Symbol.dispose]();
      reading.close();
    },
  };
}

/** What has to be done before the first press, so that devices find the way and trust what they find. */
function renderPreparations({ led, root, language = 'de' }: ShownOptions): readonly string[] {
  const names =
    led === null || led === undefined
      ? []
      : [
          `Devices are told ${led.hosts.join(', ')}. ${
            led.nameServer === null
              ? 'Your router or hosts files lead these names here.'
              : `Name server: ${led.nameServer.host} port ${led.nameServer.port}.`
          }`,
          renderPlain(renderInstructions(led), language),
        ];
  return root === null || root === undefined
    ? names
    : [...names, `Devices that check certificates are given this run's root: ${root.der} (DER) or ${root.pem} (PEM).`];
}

interface Prompts extends Disposable {
  line(text: string): void;
}

/** A line for each change of a device, and commands by its number. */
function openPrompts(desk: AttendedRun['desk'], tell: (text: string) => void): Prompts {
  const shown = new Map<string, string>();
  const show = () => {
    const view = desk.view();
    for (const [i, device] of view.devices.entries()) {
      const text = renderDevice(device, i + 1);
      const isNews = shown.has(device.id) && shown.get(device.id) !== text;
      shown.set(device.id, text);
      if (isNews) tell(text);
    }
    for (const stranger of view.strangers) {
      if (shown.has(stranger.id)) continue;
      const text = renderStranger(stranger, view);
      shown.set(stranger.id, text);
      tell(text);
    }
  };
  const list = () => {
    for (const [i, device] of desk.view().devices.entries()) tell(renderDevice(device, i + 1));
  };
  list();
  tell(CONSOLE_HELP);
  show();
  const stop = desk.onChange(show);
  return {
    line(text) {
      const parsed = parseConsoleLine(text, desk.view().devices);
      if (parsed.kind === 'list') return list();
      if (parsed.kind === 'wrong') return tell(`${parsed.why} ${CONSOLE_HELP}`);
      if (!desk.answer(parsed.answer)) tell(renderNoChange(parsed, desk.view()));
    },
    [Symbol.dispose]: stop,
  };
}

/** With what to type: of several that were pressed at once, the person at the device knows its address. */
function renderStranger({ id, address, port, ehlo, at, mayBe }: SeenStranger, { devices }: AttendView): string {
  const seen = `${id} from ${address}, port ${port}, ${ehlo ?? 'no name'}`;
  if (mayBe.length === 0) return `New device seen: ${seen}. If it is number 3: 3 is ${id}`;
  const numbers = devices.flatMap((d, i) => (mayBe.includes(d.id) ? [`${i + 1} is ${id}`] : []));
  return `Which device has this address? ${seen}, at ${at.slice(11, 19)} UTC. Type ${numbers.join(' or ')}`;
}

function renderNoChange({ answer }: Extract<ConsoleLine, { kind: 'answer' }>, view: AttendView): string {
  if (!('device' in answer)) return 'It has ended already.';
  const at = view.devices.findIndex((d) => d.id === answer.device);
  const device = view.devices[at];
  return device === undefined ? 'There is no such device.' : `Nothing to change. ${renderDevice(device, at + 1)}`;
}

function renderDevice(device: AttendedDevice, number: number): string {
  const { name, note, state, problem, prompt, results, verdicts, press } = device;
  const last = results.at(-1);
  const after =
    last === undefined
      ? ''
      : `, press ${last.number}: ${last.outcome}${last.cause === undefined ? '' : ` (${last.cause})`}`;
  const said = verdicts.map(
    (v) => `${v.direction}: ${v.verdict}${v.causes[0] === undefined ? '' : ` (${v.causes[0]})`}`,
  );
  const about = problem === undefined ? '' : `, ${problem}`;
  const head = `${number}  ${name}${note === '' ? '' : ` [${note}]`}: ${state}${about}${after}${said.length === 0 ? '' : `. ${said.join(', ')}`}`;
  if (prompt === null || (state !== 'entering' && state !== 'stuck')) return head;
  const menu = prompt.menu === undefined ? [] : [`     ${prompt.menu.en}`];
  const entries = prompt.entries.map((entry) => `     ${entry.name.padEnd(10)}${wordOf(entry)}`);
  const ask = entries.length === 0 ? `     press again, nothing changes` : `     enter, press the test button`;
  const needs = (prompt.prepare ?? []).map((what) => `     before: ${PREPARATIONS[what]}`);
  return [head, ...needs, ...menu, ...entries, `${ask}, then: ${number} p   (press ${press})`].join('\n');
}

const PREPARATIONS: Readonly<Record<Preparation, string>> = {
  names: 'lead the host name here (how: see above)',
  'run-ca': "give it this run's root (files: see above), and delete it there after the test",
};

function wordOf({ value, words }: Entry): string {
  return words === undefined ? value : `${value} (on the device: ${words.en})`;
}
