import type { Device } from '../vocabulary/device.ts';
import type { Setting } from '../vocabulary/trial.ts';

/** A version that nobody has read off the device. */
export const UNKNOWN_VERSION = 'unknown';
/** RFC 6409: what most devices that send were set up with. */
export const USUAL_SETTING: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };
/** Rows whose kind nobody says are what most of these lists are about. */
export const USUAL_KIND: Device['kind'] = 'mfp';
