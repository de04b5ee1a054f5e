/** A picture without anything around it. */
export interface Picture {
  readonly bytes: Buffer;
  /** In pixels, from the header. */
  readonly width: number;
  readonly height: number;
}
