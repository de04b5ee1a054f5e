import { expect, test } from 'vitest';
import * as z from 'zod';
import { sampleInput } from '../fixtures/sample-input.ts';
import { type Block, heading } from './document.ts';
import { readEditorial } from './editorial.ts';
import { composeFaq } from './faq.ts';
import { renderFaqPage } from './json-ld.ts';

/** What https://schema.org/FAQPage and Google's documentation of it ask for. */
const FaqPage = z.strictObject({
  '@context': z.literal('https://schema.org'),
  '@type': z.literal('FAQPage'),
  inLanguage: z.enum(['de', 'en']),
  mainEntity: z
    .array(
      z.strictObject({
        '@type': z.literal('Question'),
        name: z.string().min(1),
        acceptedAnswer: z.strictObject({ '@type': z.literal('Answer'), text: z.string().min(1) }),
      }),
    )
    .min(1),
});

function pageOf(day: string, language: 'de' | 'en') {
  const blocks = composeFaq(sampleInput('/none', { asOf: new Date(day) }), readEditorial(), language);
  return FaqPage.parse(JSON.parse(renderFaqPage(blocks, language)));
}

test.for(['de', 'en'] as const)('in %s each question stands there once, with its answer as text', (language) => {
  const questions = pageOf('2025-04-01', language).mainEntity;
  const names = questions.map((q) => q.name);
  expect(new Set(names).size).toBe(names.length);
  for (const { question } of readEditorial().questions) expect(names).toContain(question[language]);
  for (const { name, acceptedAnswer } of questions) {
    expect(name).toMatch(/\?$/);
    expect(acceptedAnswer.text).not.toMatch(/[<>]|undefined|\{\w+\}/);
  }
});

test('the transition server is in it only while it lasts', () => {
  expect(JSON.stringify(pageOf('2025-04-01', 'de'))).toContain('smtp-alt.mail.example');
  expect(JSON.stringify(pageOf('2025-06-01', 'de'))).not.toContain('-alt.mail.example');
});

test('nothing can end the script element that it is pasted into', () => {
  const evil = '</script><script>alert(1)</script><!-- \u2028';
  const blocks: readonly Block[] = [
    heading(2, evil, 'a'),
    { kind: 'paragraph', text: evil },
    { kind: 'entries', title: evil, entries: [[{ strong: evil }, { link: 'javascript:alert(1)', text: evil }]] },
  ];
  const text = renderFaqPage(blocks, 'de');
  expect(text).not.toMatch(/[<>\u2028]|javascript:/);
  expect(FaqPage.parse(JSON.parse(text)).mainEntity[0]?.name).toBe(evil);
});
