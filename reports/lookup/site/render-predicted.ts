import { html, type Markup } from '../../html.ts';
import { PREDICTED, predictionText, recordingSources, type Told } from '../prediction-texts.ts';
import type { DevicePrediction } from '../predictions.ts';
import type { Detail } from './site-data.ts';
import type { View } from './view.ts';

/** A block of its own below the answer, which it never changes. Nothing where nothing is recorded. */
export function renderPredicted({ language, schedule, index }: View, { device, predictions = [] }: Detail): Markup {
  if (predictions.length === 0) return html``;
  const told: Told = { kind: device.kind, policies: index.policies, schedule, language };
  const parts = predictions.map((prediction) => renderOne(prediction, told));
  const notes = [PREDICTED.note[language], ...recordingSources(predictions, told)];
  return html`<section class="more" aria-labelledby="predicted"><h3 id="predicted">${PREDICTED.title[language]}</h3>${parts}${notes.map((text) => html`<p class="quiet">${text}</p>`)}</section>`;
}

function renderOne(prediction: DevicePrediction, told: Told): Markup {
  const { title, outcomes, reasons } = predictionText(prediction, told);
  const rows = outcomes.map(
    ({ policy, word, text }) => html`<div><dt>${policy}</dt><dd class="o-${word}">${text}</dd></div>`,
  );
  const why = reasons.map((text) => html`<p>${text}</p>`);
  return html`<h4>${title}</h4><dl class="facts">${rows}</dl>${why}`;
}
