import type { Services } from './local/serve-local.ts';

/** What local accounts offer, by signing name; read when first asked for. */
export const LOCAL_SERVICES: Services = {
  kms: async () => (await import('./kms/index.ts')).kms,
};
