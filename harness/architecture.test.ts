import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** The rank table of harness/README.md: a file imports only from a lower rank, or from its own folder. */
const RANKS: readonly (readonly [RegExp, number])[] = [
  [/^harness\/vocabulary\//, 0],
  [/^harness\/faults\.ts$/, 0.5],
  [
    /^harness\/(causes|claim-rules|cause-texts|cause-texts\/.*|redact-.*|allowance|page-headers|page-keys|deadline|link-lock|owner|yaml-file|yaml-problems|plain-reporter)(\.test)?\.ts$/,
    1,
  ],
  [/^harness\/(modes|pki|wire|judging|containers|guests)\//, 2],
  [/^harness\/migrations\//, 1],
  [/^harness\/ci\//, 6],
  [/^harness\/(device-files|scenario-files|listen-address)(\.test)?\.ts$/, 2],
  [/^harness\/predict\//, 2.5],
  [/^harness\/lists\//, 2.5],
  [/^harness\/(servers|drivers|names|corpus)\//, 3],
  [/^harness\/(tap|tap-relay|redact)(\.test)?\.ts$/, 3],
  [/^harness\/(rig|observe|judge|next-trial|next-press|conclude|claims|records)(\.test)?\.ts$/, 4],
  [/^harness\/records\//, 4],
  [/^harness\/replay\//, 4],
  [/^harness\/render-record(\.test)?\.ts$/, 4.5],
  [/^harness\/regression\//, 4.5],
  [/^harness\/campaign(\.test)?\.ts$/, 5],
  [/^harness\/(attend|check)\//, 5],
  [/^harness\/cli\//, 6],
  [/^harness\/bench\//, 7],
  [/^harness\/architecture\.test\.ts$/, 6],
];

/** The one place where a third-party package may be imported. */
const DOORS: Readonly<Record<string, RegExp>> = {
  ssh2: /^harness\/drivers\/ssh\/|^devices\/emulated\//,
  'node-pty': /^harness\/drivers\/pty(\.test)?\.ts$/,
  testcontainers: /^harness\/containers\//,
  allure: /^reports\/allure\//,
  'allure-js-commons': /^reports\/allure\//,
  vitest: /\.test\.ts$|^scenarios\/|^vitest\.config\.ts$|^harness\/plain-reporter\.ts$/,
  'p-queue': /^harness\/campaign\.ts$/,
  commander: /^harness\/cli\//,
  yaml: /^harness\/yaml-/,
  rolldown: /^reports\/bundler\.ts$/,
  fastify: /^harness\/(attend|check)\//,
  qrcode: /^harness\/attend\//,
  'csv-parse': /^harness\/lists\//,
  // Other readers and writers than ours: for tests.
  'read-excel-file': /^harness\/lists\//,
  'write-excel-file': /^harness\/lists\//,
  'dns-packet': /^harness\/names\//,
};

const files = globSync(['{harness,devices,reports,scenarios}/**/*.ts', 'vitest.config.ts'], {
  cwd: ROOT,
  exclude: ['**/node_modules/**'],
});

interface Import {
  readonly file: string;
  readonly target: string;
  readonly local: boolean;
  readonly typeOnly: boolean;
}

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^'"()]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
  );
  return [...found].map(([, type, from, dynamic, bare]) => {
    const name = from ?? dynamic ?? bare ?? '';
    const local = name.startsWith('.');
    return {
      file,
      target: local ? relative(ROOT, resolve(ROOT, dirname(file), name)) : name,
      local,
      typeOnly: type !== undefined,
    };
  });
});

function rankOf(file: string): number | undefined {
  return RANKS.find(([pattern]) => pattern.test(file))?.[1];
}

describe('architecture', () => {
  test('the scan sees the code', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(200);
  });

  test('every file of the harness has a rank', () => {
    expect(files.filter((f) => f.startsWith('harness/') && rankOf(f) === undefined)).toEqual([]);
  });

  test('imports go to a lower rank, or stay in the folder', () => {
    const wrong = imports.filter(({ file, target, local }) => {
      const [from, to] = [rankOf(file), rankOf(target)];
      if (!local || from === undefined || to === undefined || file.endsWith('.test.ts')) return false;
      const sameFamily = from === to && folderOf(file) === folderOf(target) && folderOf(file) !== 'harness';
      return to > from || (to === from && !sameFamily && !isOwnPart(file, target));
    });
    expect(wrong.map((w) => `${w.file} → ${w.target}`)).toEqual([]);
  });

  test('the harness does not look into devices, and only its command line into reports', () => {
    const wrong = imports.filter(
      ({ file, target, local }) =>
        local &&
        file.startsWith('harness/') &&
        !file.endsWith('.test.ts') &&
        !/^harness\/(cli|bench)\//.test(file) &&
        /^(devices|reports|scenarios)\//.test(target),
    );
    expect(wrong.map((w) => `${w.file} → ${w.target}`)).toEqual([]);
  });

  test('judging and concluding never see a device file', () => {
    const blind = ['harness/judge.ts', 'harness/conclude.ts', 'harness/judging/'];
    const wrong = imports.filter(
      ({ file, target }) => blind.some((b) => file.startsWith(b)) && /device(-files)?\.ts$|^devices\//.test(target),
    );
    expect(wrong.map((w) => `${w.file} → ${w.target}`)).toEqual([]);
  });

  test('the vocabulary imports zod and nothing else', () => {
    const wrong = imports.filter(
      (i) => i.file.startsWith('harness/vocabulary/') && !i.file.endsWith('.test.ts') && !i.local && i.target !== 'zod',
    );
    expect(wrong.map((w) => `${w.file} → ${w.target}`)).toEqual([]);
  });

  test('each third-party package has one door', () => {
    const wrong = imports.filter(({ file, target, local }) => {
      const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? '');
      const door = DOORS[name];
      return !local && door !== undefined && !door.test(file) && !file.endsWith('.test.ts');
    });
    expect(wrong.map((w) => `${w.file} → ${w.target}`)).toEqual([]);
  });
});

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

/** cause-texts.ts and cause-texts/…: a file and the folder of its parts. */
function isOwnPart(file: string, target: string): boolean {
  const stem = (f: string) =>
    f
      .replace(/\.ts$/, '')
      .split('/')
      .slice(0, 2)
      .join('/')
      .replace(/-[a-z]+$/, '');
  return stem(file) === stem(target);
}
