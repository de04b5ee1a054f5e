import type { RunningContainer } from '../../containers/contract.ts';

/** Packages of the images whose version can change what a server answers. */
const PACKAGES = ['postfix', 'dovecot-core', 'libssl3'] as const;

/**
 * Versions of the programs in a container, by package: `{postfix: '3.7.11-0+deb12u1', libssl3: '3.0.20-1~deb12u2'}`.
 * Empty where the image knows no Debian packages: a run does not fail for want of a version.
 */
export async function readSoftware(container: RunningContainer): Promise<Readonly<Record<string, string>>> {
  try {
    const { output } = await container.exec([
      'dpkg-query',
      '--show',
      '--showformat=${Package} ${Version}\\n',
      ...PACKAGES,
    ]);
    return parseSoftware(output);
  } catch {
    return {};
  }
}

/** One package a line. Lines about packages that are not installed, or have no version, say nothing. */
function parseSoftware(output: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PACKAGES.flatMap((name) => {
      const [, version] = new RegExp(`^${name} (\\S{1,80})$`, 'm').exec(output) ?? [];
      return version === undefined ? [] : [[name, version]];
    }),
  );
}
