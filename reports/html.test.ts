import { expect, test } from 'vitest';
import { html, safeUrl } from './html.ts';

test('values are escaped in text and in attributes, inner markup is not', () => {
  const evil = `<script>alert("1")</script>' onload='x`;
  const inner = html`<b title="${evil}">${evil}</b>`;
  const page = html`<p>${inner}${[html`<i>1</i>`, html`<i>2</i>`]}</p>`.text;
  expect(page).not.toMatch(/<script|onload='/);
  expect(page).toContain('<i>1</i><i>2</i>');
  expect(page).toContain('&#60;script&#62;');
});

test.for(['javascript:alert(1)', 'data:text/html,x', ' JAVASCRIPT:x', 'file:///etc/passwd', 'no address', ''])(
  '%j is no link',
  (address) => {
    expect(safeUrl(address)).toBeNull();
  },
);

test('http and https are links, quotes in them encoded', () => {
  expect(safeUrl('https://a.example/"><b>')).toBe('https://a.example/%22%3E%3Cb%3E');
});
