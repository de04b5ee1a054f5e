import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { Mode, Refusal } from '../vocabulary/mode.ts';
import { Bilingual, Id } from '../vocabulary/trial.ts';
import { readYamlFile } from '../yaml-file.ts';

/** The ways of refusing that come with the harness, by id. */
export const STYLES_FOLDER = join(import.meta.dirname, 'refusals');

/** One way of saying no: what it changes of a policy that refuses. */
const Style = z.strictObject({
  id: Id,
  name: Bilingual,
  summary: Bilingual,
  starttls: Mode.shape.starttls,
  refusal: Refusal,
});
export type Style = z.infer<typeof Style>;

/**
 * Reads styles by id (a file of `refusals/`) or by path (`./mine.yaml`); none named: all that come with the harness.
 *
 * @throws HarnessFault `style-unknown`, `style-twice`; `file-unreadable` or `file-invalid` with line and column.
 */
export function readStyles(namesOrPaths: readonly string[]): readonly Style[] {
  const shipped = readdirSync(STYLES_FOLDER).flatMap((file) => (file.endsWith('.yaml') ? file.slice(0, -5) : []));
  const names = namesOrPaths.length > 0 ? namesOrPaths : shipped.sort(inOrder);
  const styles = names.map((name) => readYamlFile(pathOf(name, shipped), Style));
  const twice = styles.find((style, i) => styles.findIndex((other) => other.id === style.id) !== i);
  if (twice === undefined) return styles;
  throw new HarnessFault('style-twice', `Two of the styles ${names.join(', ')} have the id "${twice.id}".`, {
    advice: 'Name each style once, and give one of your own an id of its own.',
    stage: 'configuration',
  });
}

/** The policy that refuses in this style. Its id is `strict.silent`; all else is the policy's own. */
export function renderStyledMode(policy: Mode, style: Style): Mode {
  const { name, summary, starttls, refusal } = style;
  return { ...policy, id: `${policy.id}.${style.id}`, name, summary, starttls, refusal };
}

/** What most providers do first; the one that ends by itself last. */
const USUAL = ['alert', 'silent', 'auth-504', '421-after-tls', 'no-starttls', 'brown-out'];

function inOrder(a: string, b: string): number {
  const rank = (id: string) => (USUAL.includes(id) ? USUAL.indexOf(id) : USUAL.length);
  return rank(a) - rank(b) || a.localeCompare(b);
}

function pathOf(name: string, shipped: readonly string[]): string {
  if (isAbsolute(name) || /[/\\]|\.ya?ml$/.test(name)) return name;
  if (shipped.includes(name)) return join(STYLES_FOLDER, `${name}.yaml`);
  throw new HarnessFault(
    'style-unknown',
    `There is no refusal style "${name}". The styles are: ${shipped.join(', ')}.`,
    {
      advice: 'Give one of these, or the path of a YAML file (./mine.yaml).',
      stage: 'configuration',
      exitCode: 64,
    },
  );
}
