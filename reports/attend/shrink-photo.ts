/// <reference lib="dom" />

/** The longer side in pixels: a panel's text stays readable, and the upload is a few hundred kB. */
const LONGEST_PX = 1_600;
const QUALITY = 0.82;

/**
 * The picture drawn anew, as JPEG: place, time and serial number of the camera, and what else stood in the file, stay on
 * the tablet. Null where the browser cannot read it; a file is never sent as it is.
 */
export async function shrinkPhoto(file: Blob): Promise<Blob | null> {
  try {
    const picture = await createImageBitmap(file);
    const { width, height } = picture;
    const scale = Math.min(1, LONGEST_PX / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  } catch {
    return null;
  }
}
