/// <reference lib="dom" />

/** Puts the text of an element on the clipboard. Returns whether it is there. */
export async function copyValue(id: string): Promise<boolean> {
  const element = document.getElementById(id);
  const text = element?.textContent ?? '';
  if (element === null || text === '') return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard over plain http, which this page is served by in most places.
    getSelection()?.selectAllChildren(element);
    return document.execCommand('copy');
  }
}
