import { expect, test } from 'vitest';
import { renderInstructions, renderPlain } from './instructions.ts';

const LED = {
  hosts: ['smtp.provider.example', 'imap.provider.example'],
  address: '192.168.0.10',
  nameServer: { host: '192.168.0.10', port: 53 },
};

test.for(['de', 'en'] as const)(
  'each way names hosts and address, ends with undoing it, and restarts (%s)',
  (language) => {
    const instructions = renderInstructions(LED);
    expect(instructions.map(({ way }) => way)).toEqual(['device-dns', 'router-entry', 'hosts-file']);
    for (const { title, steps } of instructions) {
      const text = steps.map((step) => step[language]).join('\n');
      expect(title[language]).not.toBe('');
      for (const host of LED.hosts) expect(text).toContain(host);
      expect(text).toContain(LED.address);
      expect(steps.at(-1)?.[language]).toMatch(language === 'de' ? /[Nn]ach dem Test/ : /[Aa]fter the test/);
      expect(text).toMatch(
        language === 'de' ? /aus und wieder ein|öffnen Sie es wieder/ : /off and on again|open it again/,
      );
    }
    expect(renderPlain(instructions, language)).toContain(`  1. ${instructions[0]?.steps[0]?.[language]}`);
  },
);

test('a device is not told to ask a name service that it cannot be told: a port of its own, or none', () => {
  for (const nameServer of [null, { host: '192.168.0.10', port: 5353 }])
    expect(renderInstructions({ ...LED, nameServer }).map(({ way }) => way)).toEqual(['router-entry', 'hosts-file']);
});
