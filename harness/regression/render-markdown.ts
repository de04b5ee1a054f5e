import type { Comparison, Difference } from '../vocabulary/comparison.ts';
import { explainExcuseFault, isFailing } from './judge-comparison.ts';
import { isUnexplained, renderTally } from './render-comparison.ts';
import { renderReasons, renderSides } from './render-reason.ts';

/** More lines would not be read in a merge request. */
const GROUPS = 20;
const NAMED = 5;

/** A comparison for a merge request: differences of one reason are one line, what nothing explains first. */
export function renderMarkdown(comparison: Comparison): string {
  const { against, run, differences } = comparison;
  const changed = differences.filter((d) => d.kind !== 'same' && d.kind !== 'new');
  const groups = [...Map.groupBy(changed, groupOf).values()].sort(
    (a, b) => rankOf(a) - rankOf(b) || b.length - a.length,
  );
  const faults = differences.flatMap((d) => explainExcuseFault(d) ?? []);
  const fresh = new Set(differences.filter((d) => d.kind === 'new').map((d) => d.device));
  return [
    `### Cutover: ${escape(run)} against ${escape(against.name)}`,
    '',
    `${renderTally(comparison)}.`,
    ...(groups.length === 0 ? [] : ['', ...groups.slice(0, GROUPS).map(renderGroup)]),
    ...(groups.length > GROUPS ? [`- … and ${groups.length - GROUPS} more reasons`] : []),
    ...(fresh.size === 0 ? [] : ['', `New, not yet accepted: ${renderDevices([...fresh])}.`]),
    ...(faults.length === 0 ? [] : ['', ...faults.map((f) => `- ⚠ ${escape(f)}`)]),
    '',
  ].join('\n');
}

function groupOf(d: Difference): string {
  return JSON.stringify([d.kind, isFailing(d), renderSides(d), renderReasons(d)]);
}

function rankOf([first]: readonly Difference[]): number {
  if (first === undefined) return 0;
  return (isFailing(first) ? 0 : 2) + (isUnexplained(first) ? 0 : 1);
}

function renderGroup(group: readonly Difference[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const devices = [...new Set(group.map((d) => d.device))];
  const count = devices.length === 1 ? '1 device' : `${devices.length} devices`;
  const excused = isFailing(first) ? '' : ' (excused)';
  const why = renderReasons(first);
  return `- **${first.kind}**${excused}, ${count}: ${escape(why === '' ? renderSides(first) : `${why}: ${renderSides(first)}`)} — ${renderDevices(devices)}`;
}

function renderDevices(devices: readonly string[]): string {
  const more = devices.length > NAMED ? ` and ${devices.length - NAMED} more` : '';
  return `${devices
    .slice(0, NAMED)
    .map((d) => `\`${d}\``)
    .join(', ')}${more}`;
}

/** Reasons and versions come from files that others write: they are text, never markup or a mention. */
function escape(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replaceAll('@', '@\u200b');
}
