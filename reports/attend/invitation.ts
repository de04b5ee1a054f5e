/// <reference lib="dom" />
import type { Invitation } from '../../harness/vocabulary/attend.ts';
import { html } from '../html.ts';
import type { Words } from './words.ts';

/** Shows the way in for one more person. The code is an image: what stands in it is never markup of this page. */
export async function openInvitation(dialog: HTMLDialogElement, words: Words): Promise<void> {
  const invitation = await load();
  const image = invitation === null ? '' : URL.createObjectURL(new Blob([invitation.svg], { type: 'image/svg+xml' }));
  const body =
    invitation === null
      ? html`<p role="alert">${words.inviteFailed}</p>`
      : html`<p>${words.inviteHow}</p><img src="${image}" alt="${words.inviteCode}" width="280" height="280"><p class="address">${invitation.url}</p>`;
  dialog.innerHTML =
    html`<h2 id="invitation-title">${words.invite}</h2>${body}<div class="choices"><button type="button" id="invite-again">${words.inviteAgain}</button><button type="button" id="invite-close" class="main">${words.close}</button></div>`.text;
  dialog.querySelector('img')?.addEventListener('load', () => URL.revokeObjectURL(image));
  // The key is not left behind on a tablet that lies around.
  dialog.addEventListener('close', () => dialog.replaceChildren(), { once: true });
  if (!dialog.open) dialog.showModal();
  document.getElementById('invite-close')?.focus();
}

async function load(): Promise<Invitation | null> {
  try {
    const response = await fetch('/qr', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    if (!response.ok) return null;
    const invitation: Invitation = await response.json();
    return invitation;
  } catch {
    return null;
  }
}
