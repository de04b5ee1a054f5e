import type { Case, Suite } from './plan-suites.ts';

/**
 * JUnit XML as Jenkins, GitLab and GitHub read it. There is no standard; elements and attributes are those that
 * https://github.com/testmoapp/junitxml describes, in the order that the schema of the Jenkins xUnit plugin wants.
 */
export function renderXml(suites: readonly Suite[]): string {
  const all = suites.flatMap((s) => s.cases);
  const parts = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="cutover"${counts(all)}>`,
    ...suites.flatMap(renderSuite),
    '</testsuites>',
    '',
  ];
  return parts.join('\n');
}

function renderSuite(suite: Suite): readonly string[] {
  const { name, startedAt, properties, cases } = suite;
  // The schema takes no fraction of a second and no zone; it is UTC.
  const timestamp = startedAt === null ? '' : ` timestamp="${startedAt.slice(0, 19)}"`;
  return [
    `<testsuite name="${escape(name)}"${counts(cases)}${timestamp}>`,
    ...renderProperties(properties),
    ...cases.flatMap(renderCase),
    '</testsuite>',
  ];
}

function counts(cases: readonly Case[]): string {
  const count = (kind: Case['result']['kind']) => cases.filter((c) => c.result.kind === kind).length;
  const seconds = cases.reduce((sum, c) => sum + c.seconds, 0);
  return ` tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
}

function renderCase({ classname, name, seconds, properties, result, lines }: Case): readonly string[] {
  const open = `<testcase classname="${escape(classname)}" name="${escape(name)}" time="${seconds.toFixed(3)}">`;
  return [
    open,
    ...renderProperties(properties),
    ...renderResult(result),
    ...(lines.length === 0 ? [] : [`<system-out>${escape(lines.join('\n'))}</system-out>`]),
    '</testcase>',
  ];
}

/** Viewers show the text and list the message: both hold the sentence. */
function renderResult(result: Case['result']): readonly string[] {
  if (result.kind === 'passed') return [];
  const { kind, type, message } = result;
  const attributes = `type="${escape(type)}" message="${escape(message)}"`;
  return [kind === 'skipped' ? `<skipped ${attributes}/>` : `<${kind} ${attributes}>${escape(message)}</${kind}>`];
}

function renderProperties(properties: Case['properties']): readonly string[] {
  if (properties.length === 0) return [];
  const inner = properties.map(([name, value]) => `<property name="${escape(name)}" value="${escape(value)}"/>`);
  return ['<properties>', ...inner, '</properties>'];
}

/**
 * What XML 1.0 cannot hold at all (section 2.2, production Char) is left out, and so are the C1 controls that it only
 * discourages. Line ends in attributes would be read as spaces.
 */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(FORBIDDEN, '')
    .replaceAll(/[&<>"'\n\t\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;
