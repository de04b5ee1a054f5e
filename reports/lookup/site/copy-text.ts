/// <reference lib="dom" />

/** Puts the e-mail text on the clipboard. Returns whether it is there. */
export async function copyText(): Promise<boolean> {
  const area = document.getElementById('mail-text');
  if (!(area instanceof HTMLTextAreaElement)) return false;
  try {
    await navigator.clipboard.writeText(area.value);
    return true;
  } catch {
    // No clipboard over plain http (only in a secure context), or the browser has asked and was told no.
    return copyBySelection(area);
  }
}

function copyBySelection(area: HTMLTextAreaElement): boolean {
  const details = area.closest('details');
  if (details !== null) details.open = true;
  area.select();
  return document.execCommand('copy');
}
