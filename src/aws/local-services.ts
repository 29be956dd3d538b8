import type { Services } from './local/serve-local.ts';

/** What local accounts offer, by signing name. */
export const LOCAL_SERVICES: Services = {};
