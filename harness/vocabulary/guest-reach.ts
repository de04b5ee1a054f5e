import * as z from 'zod';
import { LoginStep, SSH_LOGIN } from './login-step.ts';
import { Id } from './trial.ts';

/** Processors whose machines QEMU emulates for us, by the names of its programs: `qemu-system-<architecture>`. */
const GUEST_ARCHITECTURES = [
  'x86_64',
  'i386',
  'mips',
  'mipsel',
  'mips64',
  'mips64el',
  'arm',
  'aarch64',
  'ppc',
] as const;
export type GuestArchitecture = (typeof GUEST_ARCHITECTURES)[number];

/** Words of QEMU's own: machine, processor, network card. A comma would begin another option. */
const QemuWord = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name as QEMU lists it: letters, digits, . _ -');

const Disk = z.strictObject({
  /** Relative to the device file, or absolute. Never written: what the guest writes is thrown away. */
  file: z.string().min(1),
  format: z.enum(['qcow2', 'raw', 'vmdk']),
  /** What the guest's system has a driver for. */
  interface: z.enum(['virtio', 'ide', 'scsi']).default('ide'),
});

/** How a guest is spoken to once it has booted. A forwarded port is bound on 127.0.0.1 only. */
const GuestConsole = z.discriminatedUnion('over', [
  z.strictObject({ over: z.literal('serial') }),
  z.strictObject({
    over: z.literal('ssh'),
    /** The guest's own port. */
    port: z.int().min(1).max(65535).default(22),
    ...SSH_LOGIN,
  }),
  z.strictObject({
    over: z.literal('telnet'),
    /** The guest's own port. */
    port: z.int().min(1).max(65535).default(23),
  }),
]);

/** An old system's image, or a kernel, that QEMU boots. */
export const QemuReach = z
  .strictObject({
    driver: z.literal('qemu'),
    /** One of ours: a folder of devices/guests/images. */
    image: Id.optional(),
    /** The owner's own disk image. */
    disk: Disk.optional(),
    /** The owner's own kernel, with what it boots. Paths as in `disk`. */
    kernel: z.string().min(1).optional(),
    initrd: z.string().min(1).optional(),
    /** The kernel's command line, in place of the usual one, which puts the console on the serial line. */
    append: z.string().optional(),
    /** Needed unless `image` says it. */
    architecture: z.enum(GUEST_ARCHITECTURES).optional(),
    /** Default: the usual machine of the architecture, as its processor and network card. */
    machine: QemuWord.optional(),
    cpu: QemuWord.optional(),
    network: QemuWord.optional(),
    memoryMb: z.int().min(16).max(4096).default(256),
    /** The guest's clock starts there: a day or a time, in UTC. */
    clock: z.union([z.iso.date(), z.iso.datetime()]).optional(),
    console: GuestConsole.default({ over: 'serial' }),
    /**
     * A guest that has not booted by then is given up, and its last screen kept. It has booted when its boot dialogue is
     * over, or where it has none, when it asks the first question of its login.
     */
    bootSeconds: z.number().positive().max(3600).default(120),
    /** Dialogue on the serial line until it has booted: "press Enter to activate this console". */
    boot: z.array(LoginStep).default([]),
    login: z.array(LoginStep).default([]),
    /** The mode's host names lead this guest to the tap. Ours do so in any case; the others are given an address. */
    resolvesHosts: z.boolean().default(false),
  })
  .superRefine((reach, context) => {
    const refuse = (key: keyof typeof reach, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    const { image, disk, kernel } = reach;
    if (image === undefined && disk === undefined && kernel === undefined)
      refuse('driver', 'a guest boots something: give `image`, `disk` or `kernel`');
    for (const own of ['disk', 'kernel', 'initrd', 'append', 'architecture'] as const)
      if (image !== undefined && reach[own] !== undefined)
        refuse(own, 'goes without `image`, which says all of it: keep one of the two');
    for (const part of ['initrd', 'append'] as const)
      if (kernel === undefined && image === undefined && reach[part] !== undefined)
        refuse(part, 'belongs to `kernel`, which is missing');
    if (image === undefined && (disk ?? kernel) !== undefined && reach.architecture === undefined)
      refuse('driver', `\`architecture\` is missing: one of ${GUEST_ARCHITECTURES.join(', ')}`);
    if (reach.console.over !== 'telnet' || reach.login.length > 0) return;
    refuse('console', 'telnet asks for a name and a password: write the steps into `login`');
  });
export type QemuReach = z.infer<typeof QemuReach>;
