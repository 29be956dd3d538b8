import type { Dialect } from '../protocol/dialect.ts';
import type { Incoming } from '../protocol/protocol-codec.ts';
import { isS3 } from '../services.ts';
import type { Protocol, Service } from './define-service.ts';

/** What marks a request as one of a protocol; the REST protocols have no mark but their paths. */
function isMarked(protocol: Protocol, { header, wire }: Incoming): boolean {
  switch (protocol) {
    case 'rpcv2Cbor':
      return header('smithy-protocol') === 'rpc-v2-cbor';
    case 'awsJson1_0':
    case 'awsJson1_1':
      return header('x-amz-target') !== undefined;
    case 'awsQuery':
      return (
        header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true ||
        /(?:^|&)Action=/.test(wire.query)
      );
    case 'restJson1':
    case 'restXml':
      return false;
  }
}

function isRest(protocol: Protocol): boolean {
  return protocol === 'restJson1' || protocol === 'restXml';
}

/** The protocol of the service that a request is in. One in none is answered in the protocol of the service's own clients. */
export function chooseProtocol(service: Service, incoming: Incoming): Protocol {
  const { protocols } = service;
  return protocols.find((protocol) => isMarked(protocol, incoming)) ?? protocols.find(isRest) ?? protocols[0];
}

/** How the door itself would answer a client of this protocol. */
export function dialectOf(protocol: Protocol, service: Service): Dialect {
  switch (protocol) {
    case 'rpcv2Cbor':
      return 'cbor';
    case 'awsJson1_0':
    case 'awsJson1_1':
      return 'json';
    case 'awsQuery':
      return 'query';
    case 'restJson1':
      return 'rest-json';
    case 'restXml':
      return isS3(service.signingName) ? 's3' : 'query';
  }
}
