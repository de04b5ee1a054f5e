import { describe, expect, test } from 'vitest';
import { DEVICES_FOLDER } from '../../cli/prepare.ts';
import { readDevices } from '../../device-files.ts';
import { HarnessFault } from '../../faults.ts';
import { parseDeviceList } from './read-device-list.ts';

const known = readDevices(DEVICES_FOLDER);
const read = (text: string) => parseDeviceList(text, 'list.csv', known);

function problemsOf(text: string): string {
  try {
    read(text);
  } catch (fault) {
    if (fault instanceof HarnessFault) return `${fault.code}\n${fault.message}`;
    throw fault;
  }
  return 'no problem';
}

describe('a list of devices', () => {
  test('German headings, semicolons, a byte order mark, Windows line ends', () => {
    const list =
      '\uFEFFHersteller;Modell;Standort;Inventarnummer;Protokoll;Port;Verschlüsselung\r\n' +
      'Beispiel;"Farb; 3000";Flur 2;D-0017;SMTP;465;SSL\r\n\r\n' +
      'Beispiel;Farb 100;;;;587;keine\r\n';
    expect(read(list)).toMatchObject([
      {
        note: 'Flur 2 · D-0017',
        device: {
          id: 'beispiel-farb-3000',
          model: 'Farb; 3000',
          kind: 'mfp',
          firmware: [{ version: 'unknown' }],
          settings: [{ id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' }],
          reach: { driver: 'button' },
        },
      },
      { note: '', device: { settings: [{ id: 'plaintext-587', port: 587, security: 'plaintext' }] } },
    ]);
  });

  test('English headings and commas; what a row leaves out follows from what it names', () => {
    const list =
      'vendor,model,kind,direction,protocol,port,security\n' +
      'Acme,Cam,camera,send,,,\nAcme,Box,nas,fetch,pop3,,ssl\nAcme,Old,printer,,,25,tls\n';
    expect(read(list).map(({ device }) => [device.kind, device.settings[0]])).toMatchObject([
      ['camera', { id: 'starttls-587' }],
      ['nas', { id: 'pop3-implicit-995', port: 995 }],
      ['printer', { id: 'starttls-25', port: 25 }],
    ]);
  });

  test('rows of one device are its settings, the first as configured', () => {
    const list =
      'vendor,model,place,port,security\nAcme,P1,2.OG,25,none\nAcme,P1,2.OG,587,starttls\nAcme,P1,3.OG,25,none\n';
    const devices = read(list);
    expect(devices.map(({ device }) => device.id)).toEqual(['acme-p1', 'acme-p1-3-og']);
    expect(devices[0]?.device.settings.map((s) => s.id)).toEqual(['plaintext-25', 'starttls-587']);
  });

  test('a row of a known model takes its id, kind and menus, and is not emulated unless that is', () => {
    const real = known.find((d) => d.menus.length > 0 && d.reach === undefined && d.aliases.length > 0)!;
    const [listed] = read(`vendor,model,port\n${real.vendor},"${real.model}",465\n`);
    expect(listed?.device).toMatchObject({
      id: real.id,
      kind: real.kind,
      menus: real.menus,
      reach: { driver: 'button' },
    });
    const [emulated] = read('vendor,model\nMuster Druckwerk,MFP 310 (Beispiel)\n');
    expect(emulated?.device).toMatchObject({ id: 'emu-druckwerk-mfp', reach: { driver: 'emulated' } });
    expect(emulated?.device.settings.map((s) => s.id)).toEqual(['starttls-587']);
  });

  test('every problem is told with line and column', () => {
    const problems = problemsOf('vendor;model;port;security\nAcme;;26;rot13\n;X;465;\nA;B;1;2;3\n');
    expect(problems).toContain('list-invalid');
    expect(problems).toContain('list.csv:2: column 2 (model): is empty');
    expect(problems).toContain('list.csv:2: column 3 (port): "26" is none of 587, 25, 465, 143, 993, 110, 995');
    expect(problems).toContain('list.csv:2: column 4 (security): "rot13" is none of starttls, implicit');
    expect(problems).toContain('list.csv:3: column 1 (vendor): is empty');
    expect(problems).toContain('list.csv:4: column 5: there is no heading above it');
  });

  test.each([
    ['', 'list.csv:1: the list is empty'],
    ['vendor,model\n', 'there is no device below the headings'],
    ['vendor,colour\nA,red\n', 'column 2: unknown heading "colour"'],
    ['vendor,vendor,model\nA,B,C\n', 'column 2: a second column for vendor'],
    ['vendor\nA\n', 'model: there is no column for it'],
    ['vendor,model\n"A,B\n', 'a quote is not closed'],
    ['vendor,model,port,protocol\nA,B,465,imap\n', 'column 3 (port): 465 is a port of SMTP, not of IMAP'],
    ['vendor,model,direction,protocol\nA,B,send,imap\n', 'column 3 (direction): IMAP does not send'],
    ['vendor,model\nA,"B\u001b[31m"\n', 'column 2 (model): holds characters that cannot be seen'],
    [`vendor,model\nA,${'x'.repeat(101)}\n`, 'column 2 (model): is longer than 100 characters'],
    ['vendor,model,firmware\nA,B,../../etc\n', 'column 3 (firmware): has no / and no \\'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });
});
