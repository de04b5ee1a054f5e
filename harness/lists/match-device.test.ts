import { describe, expect, test } from 'vitest';
import { Device } from '../vocabulary/device.ts';
import { createMatcher } from './match-device.ts';

const device = (id: string, vendor: string, model: string, more: object = {}) =>
  Device.parse({ id, vendor, model, kind: 'mfp', ...more });

const KNOWN = [
  device('brother-mfc-8860dn', 'Brother', 'MFC-8860DN', { aliases: ['MFC 8860'] }),
  device('brother-mfc', 'Brother', 'MFC / DCP', { aliases: ['Brother'] }),
  device('lexmark-ms617', 'Lexmark', 'MS617', { aliases: ['Lexmark MS617dn'] }),
  device('bizhub', 'Konica Minolta', 'bizhub C258/C308, 758'),
  device('ineo-plus', 'DEVELOP', 'ineo+ 3351'),
  device('canon-maxify', 'Canon', 'MAXIFY MB2755'),
  device('apeosport', 'Fuji Xerox', 'ApeosPort-IV 3070', { aliases: ['Fujifilm ApeosPort-IV 3070'] }),
  device('kyocera', 'Kyocera', 'Scan-to-Mail', { aliases: ['TASKalfa', 'Kyocera ECOSYS'] }),
  device('twin-a', 'Twin', 'Office 5000 Alpha'),
  device('twin-b', 'Twin', 'Office 5000 Alphb'),
  device('same-1', 'Same', 'S 1'),
  device('same-2', 'Same', 'S1'),
  device('emu-cam', 'Muster', 'Kamera 12 Beispielmodell', {
    kind: 'camera',
    firmware: [{ version: '1', emulated: { stack: 'node-current' } }],
    settings: [{ id: 's', protocol: 'smtp', port: 587, security: 'starttls' }],
    reach: { driver: 'emulated', console: 'camera-keys', over: 'pty' },
    client: 'camera-keys',
    truth: { built: 'x', verdict: {} },
  }),
];
const { find } = createMatcher(KNOWN);

/** As `id`, `?id,id` for unclear, `+` or `+id` for new with its series. */
function found(vendor: string, model: string, kind: Device['kind'] | null = null, id = ''): string {
  const match = find({ id, vendor, model, kind });
  switch (match.kind) {
    case 'matched':
      return match.device.id;
    case 'unclear':
      return `?${match.candidates.map((c) => c.device.id).join(',')}`;
    case 'new':
      return `+${match.family?.id ?? ''}`;
    default:
      return `no id ${match.id}`;
  }
}

describe('which device a row names', () => {
  test.each<[vendor: string, model: string, expected: string]>([
    // Marks, blanks, case, accents, legal forms, who repeats the maker
    ['Brother', 'mfc 8860 dn', 'brother-mfc-8860dn'],
    ['BROTHER International GmbH', 'MFC8860DN', 'brother-mfc-8860dn'],
    ['Brother', 'Brother MFC-8860DN', 'brother-mfc-8860dn'],
    ['', 'Brother MFC-8860DN', 'brother-mfc-8860dn'],
    ['', 'MFC-8860DN', 'brother-mfc-8860dn'],
    ['Brother', 'MFC-8860', 'brother-mfc-8860dn'],
    // One entry for several models, other names of makers
    ['Konica-Minolta', 'bizhub C308', 'bizhub'],
    ['Konica Minolta', '758', 'bizhub'],
    ['Fujifilm', 'ApeosPort IV 3070', 'apeosport'],
    // Slips of the keyboard in long names
    ['Lexmrak', 'MS617', 'lexmark-ms617'],
    ['Canon', 'MAXIFI MB2755', 'canon-maxify'],
    // Other numbers are other models, however alike
    ['Brother', 'MFC-8870DN', '+brother-mfc'],
    ['Canon', 'MAXIFY MB2756', '+'],
    // A letter of a short name is as good as another model, and a plus is one
    ['Lexmark', 'MS617de', '?lexmark-ms617'],
    ['DEVELOP', 'ineo 3351', '+'],
    ['DEVELOP', 'ineo+ 3351', 'ineo-plus'],
    // Two that are about as near, and two of the same name
    ['Twin', 'Office 5000 Alphx', '?twin-a,twin-b'],
    ['Twin', 'Office 5000 Alpha', 'twin-a'],
    ['Same', 'S-1', '?same-1,same-2'],
    // The same model number of another maker
    ['Xerox', 'MB2755', '+'],
    // An entry about a series is no match
    ['Kyocera', 'TASKalfa 2552ci', '+kyocera'],
    ['Kyocera Document Solutions', 'TASKalfa 2552ci', '+kyocera'],
    ['Kyocera', 'TASKalfa', 'kyocera'],
    // An emulated device stands for no real one
    ['Muster', 'Kamera 12 Beispielmodell', 'emu-cam'],
    ['Muster', 'Kamera 12 Beispielmodel', '+'],
    ['★', '☆', '+'],
  ])('%s %s → %s', (vendor, model, expected) => {
    expect(found(vendor, model)).toBe(expected);
  });

  test('who makes printers makes other things as well: only a printer is of the series that is called like the maker', () => {
    expect(found('Brother', 'HL-1110', 'mfp')).toBe('+brother-mfc');
    expect(found('Brother', 'HL-1110', 'nas')).toBe('+');
  });

  test('an id decides, and a wrong one is not guessed at', () => {
    expect(found('Brother', 'MFC-8860DN', null, 'lexmark-ms617')).toBe('lexmark-ms617');
    expect(found('Brother', 'MFC-8860DN', null, 'lexmark-ms618')).toBe('no id lexmark-ms618');
  });
});
