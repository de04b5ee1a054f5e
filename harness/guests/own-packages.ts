import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** For tests: a package of two facts and some files, or copies of this machine's. */
export interface OwnPackage {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  /** By their path in the package: text, or `{copy}` of a file here. */
  readonly files: Readonly<Record<string, string | { readonly copy: string }>>;
}

/** For tests: makes packages and a list of them in `folder`, with Debian's own tool; the path of a sources file. */
export function makeRepository(folder: string, packages: readonly OwnPackage[]): string {
  mkdirSync(folder, { recursive: true });
  const entries = packages.map((one) => makePackage(folder, one));
  writeFileSync(join(folder, 'Packages'), entries.join('\n'));
  const sources = join(folder, 'own.list');
  writeFileSync(sources, `deb [trusted=yes] copy:${folder} ./\n`);
  return sources;
}

function makePackage(folder: string, { name, version, depends, files }: OwnPackage): string {
  const root = mkdtempSync(join(folder, 'root-'));
  // dpkg-deb takes no folder that only its owner may enter.
  chmodSync(root, 0o755);
  for (const [path, content] of Object.entries(files)) {
    const to = join(root, path);
    mkdirSync(dirname(to), { recursive: true });
    if (typeof content === 'string') writeFileSync(to, content);
    else copyFileSync(content.copy, to);
  }
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: amd64',
    'Maintainer: Test <test@example.org>',
    'Description: for a test',
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
  ];
  mkdirSync(join(root, 'DEBIAN'));
  writeFileSync(join(root, 'DEBIAN', 'control'), `${control.join('\n')}\n`);
  const file = join(folder, `${name}_${version}_amd64.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', root, file], { stdio: 'ignore' });
  const bytes = readFileSync(file);
  const sum = createHash('sha256').update(bytes).digest('hex');
  return [...control, `Filename: ./${basename(file)}`, `Size: ${bytes.length}`, `SHA256: ${sum}`, ''].join('\n');
}
