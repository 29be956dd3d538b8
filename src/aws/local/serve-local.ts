import type { DoorBackend, LocalDoorClient } from '../../core/door.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Service } from './define-service.ts';

/** A request to a local account whose signature and body have been found right. */
export interface ServiceCall {
  client: LocalDoorClient;
  /** Service and region of the credential scope. */
  service: string;
  region: string;
  /** The whole body. */
  body: Buffer;
}

/** What serving needs of the door; DoorParts has it all but the services. */
export interface LocalParts {
  readonly backend: Pick<DoorBackend, 'session'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The local services by signing name, loaded when first asked for. */
export type Services = Readonly<Record<string, () => Promise<Service>>>;

/**
 * Answers a request to a local account: decode, check the model's constraints, authorise, handle, encode. What the service answers with,
 * errors included, is written here; what is thrown is the door's to refuse.
 */
export async function serveLocal(
  _x: Exchange,
  call: ServiceCall,
  _parts: LocalParts,
  services: Services,
): Promise<void> {
  const load = Object.hasOwn(services, call.service) ? services[call.service] : undefined;
  if (load === undefined) {
    throw new AwsError(
      'NotSupported',
      `The local account "${call.client.account.name}" has no service ${call.service} in Keyhold.`,
    );
  }
  const service = await load();
  throw new AwsError('NotSupported', `Keyhold does not serve ${service.name} yet.`);
}
