import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeviceFileOptions, readDevice, readDevices, renderDeviceSchema } from './device-files.ts';
import { HarnessFault } from './faults.ts';

const DEVICES = join(import.meta.dirname, '../devices');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-devices-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const GOOD = `id: laser-9
vendor: Muster
model: Laser 9
kind: printer
firmware:
  - version: "1.0"
    expect:
      strict: {outcome: fails, cause: version-too-old}
settings:
  - {id: as-is, protocol: smtp, port: 25, security: plaintext}
`;

function store(path: string, text: string | Buffer): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

function problemsOf(options?: DeviceFileOptions): string[] {
  try {
    readDevices(folder, options);
  } catch (error) {
    if (error instanceof HarnessFault) return error.message.replaceAll(`${folder}/`, '').split('\n');
    throw error;
  }
  return [];
}

test('a device is read with its defaults', () => {
  expect(readDevice(store('laser-9.yaml', GOOD))).toMatchObject({
    id: 'laser-9',
    trust: 'none',
    fixedPorts: false,
    aliases: [],
    patience: { idleSeconds: 15, totalSeconds: 120 },
  });
});

test.each([
  ['{driver: qemu, architecture: i386, disk: {file: ../old.img, format: raw}}', { disk: { file: 'old.img' } }],
  ['{driver: qemu, architecture: arm, kernel: k, initrd: /i}', { kernel: 'os/k', initrd: '/i' }],
  ['{driver: rootfs, architecture: arm, root: unpacked}', { root: 'os/unpacked' }],
])('files are found from the device file on: %s', (reach, found) => {
  const inFolder = (path: string) => (path.startsWith('/') ? path : join(folder, path));
  const device = readDevice(store('os/laser-9.yaml', `${GOOD}client: msmtp\nreach: ${reach}\n`));
  const absolute = JSON.stringify(found, (_, value) => (typeof value === 'string' ? inFolder(value) : value));
  expect(device.reach).toMatchObject(JSON.parse(absolute));
});

test('every folder of kinds is read, recipes and installed packages are not', () => {
  store('printer/laser-9.yaml', GOOD);
  store('camera/eye.yml', GOOD.replace('laser-9', 'eye'));
  store('clients/x.yaml', 'not a device');
  store('emulated/stacks/node_modules/p/y.yaml', 'not a device');
  store('README.md', '# not a device');
  expect(readDevices(folder).map(({ id }) => id)).toEqual(['eye', 'laser-9']);
});

test('the devices of the repository are good, whoever wrote them', () => {
  const modes = readdirSync(join(import.meta.dirname, 'modes')).filter((file) => file.endsWith('.yaml'));
  const devices = readDevices(DEVICES, { modes: modes.map((file) => file.slice(0, -5)) });
  expect(new Set(devices.map(({ id }) => id)).size).toBe(devices.length);
});

test('the JSON Schema for editors is current (npx vitest run -u renders it)', async () => {
  await expect(renderDeviceSchema()).toMatchFileSnapshot(join(DEVICES, 'device.schema.json'));
});

describe('what a schema alone cannot know', () => {
  test.for([
    ['id: laser-9', 'id: laser-8', '1:5: id: "laser-8" is not the file\'s name; call the file laser-8.yaml'],
    [
      '  - version: "1.0"',
      '  - version: "1.0"\n  - version: "1.0"',
      '7:14: firmware[1].version: "1.0" is listed twice; keep one',
    ],
    [
      'settings:',
      'settings:\n  - {id: as-is, protocol: imap, port: 993, security: implicit}',
      '11:10: settings[1].id: "as-is" is the id of another setting as well; give it its own',
    ],
    [
      'strict: {',
      'strikt: {',
      '8:15: firmware[0].expect.strikt: there is no mode "strikt"; the modes are today, strict',
    ],
    [
      'model: Laser 9',
      'model: "Laser\\e[2J 9"',
      '3:8: model: holds characters that cannot be seen (control, text direction); remove them',
    ],
    [
      'vendor: Muster',
      'vendor: Muster\naliases: [ok, "\u202eretsuM"]',
      '3:15: aliases[1]: holds characters that cannot be seen (control, text direction); remove them',
    ],
    [
      'vendor: Muster',
      'vendor: Muster\nreach: {driver: pty, program: [telnet, "\\e]0;x\\a"]}\nclient: router-config',
      '3:40: reach.program[1]: holds characters that cannot be seen (control, text direction); remove them',
    ],
    [
      'vendor: Muster',
      'vendor: Muster\nclaims: [{says: {de: "a\\nb \\x9b2J", en: b}, source: {title: "x\\ny", url: "https://a.example", date: 2024-01-01, confidence: forum}}]',
      '3:22: claims[0].says.de: holds characters that cannot be seen (control, text direction); remove them\n' +
        'printer/laser-9.yaml:3:61: claims[0].source.title: holds characters that cannot be seen (control, text direction); remove them',
    ],
    [
      'vendor: Muster',
      'vendor: Muster\nnotes: {de: "Sendet nur noch über den Übergangsserver.", en: "Use the transition server."}',
      '3:13: notes.de: speaks of the transition server, which ends: say what the source says, and put what follows into `implies`\n' +
        'printer/laser-9.yaml:3:62: notes.en: speaks of the transition server, which ends: say what the source says, and put what follows into `implies`',
    ],
  ])('case %#', ([from = '', to = '', problem]) => {
    store(
      'printer/laser-9.yaml',
      GOOD.replace(from, () => to),
    );
    expect(problemsOf({ modes: ['today', 'strict'] }).join('\n')).toBe(`printer/laser-9.yaml:${problem}`);
  });

  test('two files with one id', () => {
    store('mfp/laser-9.yaml', GOOD);
    store('printer/laser-9.yaml', GOOD);
    expect(problemsOf()).toEqual([
      'printer/laser-9.yaml:1:1: id: "laser-9" is also in mfp/laser-9.yaml; give one another id and name',
    ]);
  });
});

test('the problems of all files are listed at once', () => {
  store('a.yaml', GOOD.replace('id: laser-9', 'id: a').replace('kind: printer', 'kind: prnter'));
  store('b.yaml', GOOD.replace('id: laser-9', 'id: b').replace('security: plaintext', 'security: ssl'));
  store('c.yaml', 'id: [');
  const problems = problemsOf();
  expect(problems).toHaveLength(3);
  expect(problems[0]).toMatch(
    /^a\.yaml:4:7: kind: "prnter" is not possible here; did you mean "printer"\? allowed: mfp, printer, /,
  );
  expect(problems[1]).toBe(
    'b.yaml:10:53: settings[0].security: "ssl" is not possible here; allowed: starttls, implicit, plaintext, opportunistic',
  );
  expect(problems[2]).toMatch(/^c\.yaml:1:\d+: \(syntax\): /);
});

test('prose may have line ends', () => {
  store('laser-9.yaml', `${GOOD}notes:\n  de: |\n    eins\n    zwei\n  en: one\n`);
  expect(problemsOf()).toEqual([]);
});

describe('hostile files', () => {
  test.for([
    [
      '"1.0"',
      '"../../../../x"',
      /^laser-9\.yaml:6:14: firmware\[0\]\.version: .* has the wrong form: a version is part of a path/,
    ],
    ['"1.0"', '"1\\\\0"', /6:14: firmware\[0\]\.version: .*a version is part of a path/],
    ['"1.0"', '"1\\e[2J"', /6:14: firmware\[0\]\.version: .*a version is part of a path/],
    ['"1.0"', '.hidden', /6:14: firmware\[0\]\.version: .*a version is part of a path/],
    ['"1.0"', `"${'1'.repeat(81)}"`, /6:14: firmware\[0\]\.version: .*has more than 80 characters/],
    [
      'kind:',
      'trust: bundle:mine.pem\nkind:',
      /4:8: trust: "bundle:mine.pem" is not possible here; allowed: none, run-ca/,
    ],
    [
      'kind:',
      'patience: {totalSeconds: 2147484}\nkind:',
      /4:26: patience\.totalSeconds: the number 2147484 is out of range: at most 86400/,
    ],
    [
      'kind:',
      "client: router-config\nreach: {driver: pty, program: [telnet], login: [{expect: '^(a+)+$'}]}\nkind:",
      /5:[0-9]+: reach\.login\[0\]\.expect: repeats a group .* repeat a single character or class/,
    ],
  ] as const)('%s becoming %s', ([from, to, problem]) => {
    store(
      'laser-9.yaml',
      GOOD.replace(from, () => to),
    );
    expect(problemsOf().join('\n')).toMatch(problem);
  });

  test('markup stays plain data', () => {
    const model = '<script>alert(1)</script>&"\'';
    const device = readDevice(store('laser-9.yaml', GOOD.replace('Laser 9', JSON.stringify(model))));
    expect(device.model).toBe(model);
  });

  test.for<[string, string | Buffer, string]>([
    [
      '10 MB',
      Buffer.alloc(10_000_000, 'a'),
      'x.yaml:1:1: (file): has 9.5 MiB, and the limit is 1 MiB; is it the right file?',
    ],
    [
      'an image',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]),
      'x.yaml:1:1: (file): is not UTF-8 text; save it as UTF-8, or give the right file',
    ],
    [
      'a web page',
      '<html><body>404</body></html>',
      'x.yaml:1:1: (file): the text "<html><body>404</body></html>" stands here, expected is a map of keys and values',
    ],
  ])('%s', ([, content, problem]) => {
    store('x.yaml', content);
    expect(problemsOf()).toEqual([problem]);
  });

  test('a key that means something to JavaScript is an unknown key', () => {
    store('laser-9.yaml', `${GOOD}__proto__: {trust: run-ca}\n`);
    expect(problemsOf()).toEqual([expect.stringContaining('(file): the key "__proto__" is unknown')]);
  });

  test('a folder that is none', () => {
    expect(() => readDevices(join(folder, 'none'))).toThrow(/none: cannot be read as a folder of devices\.$/);
  });
});
