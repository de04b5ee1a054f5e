/** `auto`: containers where they can be had, else embedded. */
export const ENGINE_CHOICES = ['auto', 'embedded', 'containers', 'hosts'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];
