import * as z from 'zod';
import { LoginStep } from './login-step.ts';
import { Id } from './trial.ts';

/** Processors whose programs are run for us, by the names of the programs: `qemu-<architecture>`. */
const ROOT_ARCHITECTURES = [
  'x86_64',
  'i386',
  'mips',
  'mipsel',
  'mips64',
  'mips64el',
  'arm',
  'armeb',
  'aarch64',
  'ppc',
  'riscv64',
  'sh4',
] as const;
export type RootArchitecture = (typeof ROOT_ARCHITECTURES)[number];

const Inside = z.string().regex(/^(\/[A-Za-z0-9._-]+)+$/, 'a path inside, like /var/tmp: letters, digits, . _ -');

/** A root file system of another processor, out of a firmware archive for example, that is entered without booting. */
export const RootfsReach = z
  .strictObject({
    driver: z.literal('rootfs'),
    /** One of ours: a folder of devices/guests/images. */
    image: Id.optional(),
    /** The owner's own: a folder, or a tar archive of one. Relative to the device file, or absolute. Never written. */
    root: z.string().min(1).optional(),
    /** Needed unless `image` says it. */
    architecture: z.enum(ROOT_ARCHITECTURES).optional(),
    /** The program on the terminal, as an absolute path inside. */
    shell: Inside.default('/bin/sh'),
    /** Folders inside that can be written: each begins empty and is thrown away. All else is read-only, like a ROM. */
    writable: z.array(Inside).max(8).default(['/tmp', '/run', '/var/tmp']),
    login: z.array(LoginStep).default([]),
    /** Its /etc/hosts leads the mode's host names to the tap. With false it is given the address. */
    resolvesHosts: z.boolean().default(true),
  })
  .superRefine((reach, context) => {
    const refuse = (key: keyof typeof reach, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    const { image, root, architecture } = reach;
    if (image === undefined && root === undefined)
      refuse('driver', 'there is nothing to enter: give `image` or `root`');
    if (image !== undefined && root !== undefined) refuse('root', 'goes without `image`: keep one of the two');
    if (image !== undefined && architecture !== undefined)
      refuse('architecture', 'goes without `image`, which says it: leave it out');
    if (root !== undefined && architecture === undefined)
      refuse('driver', `\`architecture\` is missing: one of ${ROOT_ARCHITECTURES.join(', ')}`);
  });
export type RootfsReach = z.infer<typeof RootfsReach>;
