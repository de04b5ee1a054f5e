import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderQr } from './qr.ts';

const ADDRESS = 'http://192.168.0.10:8025/?key=abcdefghijklmnopqrstuvwxyz012345';

/** Dark modules of the SVG's path: rows of horizontal strokes, each drawn in the middle of its modules. */
function modulesOfSvg(svg: string): Set<string> {
  const path = /stroke="#000000" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const dark = new Set<string>();
  let [x, y] = [0, 0];
  for (const [, command, first = '0', second] of path.matchAll(/([Mmh])(-?[\d.]+)(?:[ ]?(-?[\d.]+))?/g)) {
    if (command === 'M') [x, y] = [Number(first), Math.floor(Number(second))];
    if (command === 'm') x += Number(first);
    if (command === 'h') for (let i = 0; i < Number(first); i += 1) dark.add(`${x++} ${y}`);
  }
  return dark;
}

function modulesOfTerminal(text: string): Set<string> {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.split(''));
  return new Set(
    lines.flatMap((cells, row) =>
      cells.flatMap((cell, x) => [
        ...('█▀'.includes(cell) ? [`${x} ${2 * row}`] : []),
        ...('█▄'.includes(cell) ? [`${x} ${2 * row + 1}`] : []),
      ]),
    ),
  );
}

test('terminal and picture show the same code, and another address another one', async () => {
  const { terminal, svg } = await renderQr(ADDRESS);
  const dark = modulesOfSvg(svg);
  expect(dark.size).toBeGreaterThan(300);
  expect(modulesOfTerminal(terminal)).toEqual(dark);
  expect(modulesOfSvg((await renderQr(`${ADDRESS}x`)).svg)).not.toEqual(dark);
});

test('four light modules surround it, in a dark terminal, too', async () => {
  const { terminal } = await renderQr(ADDRESS);
  const lines = terminal.split('\n');
  for (const line of lines) expect(line.startsWith('\u001B[30;107m')).toBe(true);
  const shown = lines.map(stripVTControlCharacters);
  for (const line of shown) expect(line).toMatch(/^ {4}.* {4}$/);
  expect(shown.slice(0, 2).map((line) => line.trim())).toEqual(['', '']);
});

test('the picture asks nothing of outside and runs nothing', async () => {
  const { svg } = await renderQr(ADDRESS);
  expect(svg).toMatch(/^<svg [^>]*viewBox="[^"]+"[^>]*>(?:<path [^>]*\/>)+<\/svg>$/);
  expect(svg).not.toContain(ADDRESS);
});
