import type { ReportInput } from '../contract.ts';
export function renderRefusals(
  input: ReportInput,
  _options: { readonly columns: number; readonly color: boolean },
): string {
  return `${input.records.length} records`;
}
