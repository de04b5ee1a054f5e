import { ENDPOINTS } from '../../vocabulary/trial.ts';
import { WAY_HOST } from '../guest/way.ts';
import { type GuestPlan, isPc } from './plan-guest.ts';

/** Where this guest's own things lie. */
export interface GuestPlace {
  readonly accelerator: 'kvm' | 'tcg';
  /** Stands in for the plan's, where something was laid behind it. */
  readonly initrd?: string;
  /** Takes the guest's state: a small file that is never written itself. */
  readonly stateFile: string;
  readonly monitorSocket: string;
  /** Starts the relay for a port: program and arguments. */
  readonly relay: (port: number) => readonly string[];
  /** The guest's port that is bound on 127.0.0.1, on a free port: for SSH and telnet. */
  readonly forwarded?: number;
}

/** MiB of translated code that QEMU keeps. Its default is an eighth of the machine's memory, for each guest. */
const TRANSLATED_MB = 64;

/**
 * The emulator's command line. The serial line is its own terminal; the guest reaches nothing but its way out
 * (`restrict`, QEMU's documentation of `-netdev user`); nothing is ever written to what the plan names (`snapshot`).
 */
export function renderArguments(plan: GuestPlan, place: GuestPlace): readonly string[] {
  const { kernel, disk } = plan;
  const initrd = place.initrd ?? plan.initrd;
  const isKvm = place.accelerator === 'kvm';
  const options = [
    ['-no-user-config', '-nodefaults', '-display', 'none'],
    ['-machine', plan.machine, '-accel', isKvm ? 'kvm' : `tcg,tb-size=${TRANSLATED_MB}`],
    plan.cpu === undefined ? [] : ['-cpu', isKvm && plan.cpu === 'max' ? 'host' : plan.cpu],
    ['-m', String(plan.memoryMb), '-smp', '1'],
    ['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console', '-monitor', 'none'],
    ['-qmp', `unix:${escape(place.monitorSocket)},server=on,wait=off`],
    kernel === undefined ? [] : ['-kernel', kernel, '-append', plan.append],
    initrd === undefined ? [] : ['-initrd', initrd],
    // A kernel that has panicked, or ends, ends its guest; a disk may need a second start.
    disk === undefined ? ['-no-reboot'] : renderDisk(disk),
    disk !== undefined && isPc(plan.architecture) ? ['-device', 'VGA'] : [],
    ['-drive', `if=none,id=state,format=raw,snapshot=on,file=${escape(place.stateFile)}`],
    ['-netdev', renderNetwork(place), '-device', `${plan.network},netdev=way`],
    plan.clock === undefined ? [] : ['-rtc', `base=${renderClock(plan.clock)}`],
  ];
  return options.flat();
}

function renderNetwork({ relay, forwarded }: GuestPlace): string {
  const ways = ENDPOINTS.map(({ port }) => {
    const command = relay(port).map(quote).join(' ');
    return `guestfwd=tcp:${WAY_HOST}:${port}-cmd:${escape(command)}`;
  });
  const forward = forwarded === undefined ? [] : [`hostfwd=tcp:127.0.0.1:0-:${forwarded}`];
  return ['user', 'id=way', 'restrict=on', 'ipv6=off', ...ways, ...forward].join(',');
}

function renderDisk(disk: NonNullable<GuestPlan['disk']>): readonly string[] {
  const drive = `id=disk,format=${disk.format},snapshot=on,file=${escape(disk.file)}`;
  if (disk.interface !== 'scsi') return ['-drive', `if=${disk.interface},${drive}`];
  return ['-device', 'lsi53c895a', '-drive', `if=none,${drive}`, '-device', 'scsi-hd,drive=disk'];
}

/** A comma ends an option of QEMU's; two of them are one. */
function escape(text: string): string {
  return text.replaceAll(',', ',,');
}

/** QEMU takes the command apart as a shell does (g_shell_parse_argv of GLib). */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** QEMU knows no zone: its clock is UTC. */
function renderClock(clock: string): string {
  return clock.includes('T') ? clock.replace(/(?:\.\d+)?Z$/, '') : `${clock}T00:00:00`;
}
