import type { Block, Cell } from './document.ts';

/**
 * The page's questions and answers for search engines: JSON-LD of the type FAQPage (schema.org), text only. The lists of
 * devices stay on the page. `<` never stands in it, so that nothing can end the script element that it is put into
 * (HTML, "Restrictions for contents of script elements").
 */
export function renderFaqPage(blocks: readonly Block[], language: string): string {
  const page = {
    '@context': 'https://schema.org',
    '@type': 'FAQPage',
    inLanguage: language,
    mainEntity: questionsOf(blocks).map(({ question, answer }) => ({
      '@type': 'Question',
      name: question,
      acceptedAnswer: { '@type': 'Answer', text: answer },
    })),
  };
  const json = JSON.stringify(page, null, 2);
  return `${json.replaceAll(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

interface Question {
  readonly question: string;
  readonly answer: string;
}

/** Each heading with an anchor, and what follows it up to the next heading of any level. */
function questionsOf(blocks: readonly Block[]): readonly Question[] {
  return blocks.flatMap((block, i): readonly Question[] => {
    if (block.kind !== 'heading' || block.anchor === undefined) return [];
    const rest = blocks.slice(i + 1);
    const end = rest.findIndex((b) => b.kind === 'heading');
    const answer = (end === -1 ? rest : rest.slice(0, end)).flatMap(textOf).join('\n');
    return answer === '' ? [] : [{ question: block.text, answer }];
  });
}

function textOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'paragraph':
      return [block.text];
    case 'list':
      return block.items.map((item) => `• ${item}`);
    case 'table':
      return block.rows.map((cells) => `• ${cells.map((cell) => plain(cell, ', ')).join(': ')}`);
    case 'entries':
      return block.entries.map((entry) => `• ${plain(entry, '')}`);
    default:
      return [];
  }
}

function plain(cell: Cell, between: string): string {
  return cell
    .map((line) => (typeof line === 'string' ? line : 'strong' in line ? line.strong : line.text))
    .join(between)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
