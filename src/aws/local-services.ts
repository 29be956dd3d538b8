import type { Service } from './local/define-service.ts';
import type { Services } from './local/serve-local.ts';

/** An import that has been made costs a request some 30 µs each time it is asked for again; a promise costs nothing. */
function once(load: () => Promise<Service>): () => Promise<Service> {
  let loaded: Promise<Service> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** What local accounts offer, by signing name; read when first asked for. */
export const LOCAL_SERVICES: Services = {
  iam: once(async () => (await import('./iam/index.ts')).iam),
  kms: once(async () => (await import('./kms/index.ts')).kms),
};
