import { PREDICTED, predictionText, recordingSources, type Told } from './prediction-texts.ts';
import type { DevicePrediction } from './predictions.ts';

/** The block of a terminal: apart from verdicts and claims, under its own title. No line where nothing is recorded. */
export function renderPredictions(predictions: readonly DevicePrediction[], told: Told): readonly string[] {
  if (predictions.length === 0) return [];
  const { language } = told;
  const parts = predictions.flatMap((prediction) => {
    const { title, outcomes, reasons } = predictionText(prediction, told);
    return [
      `  - ${title}`,
      `    ${outcomes.map(({ policy, text }) => `${policy}: ${text}`).join('; ')}`,
      ...reasons.map((text) => `    ${text}`),
    ];
  });
  const notes = [PREDICTED.note[language], ...recordingSources(predictions, told)];
  return ['', `${PREDICTED.title[language]}:`, ...parts, ...notes.map((text) => `  ${text}`)];
}
