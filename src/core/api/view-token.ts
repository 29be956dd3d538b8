import type { Token } from '../../contract/tokens.ts';
import type { Session } from '../session.ts';
import type { Found, Things } from '../things.ts';
import { clusterIdOf } from '../tokens/cluster-id.ts';
import type { TokenConnection } from '../tokens/token-keeper.ts';
import { instant } from '../views.ts';

/** Names of the custom key stores on a token. */
export function keyStoresOn(things: Things, tokenId: string): string[] {
  const clusterId = clusterIdOf(tokenId);
  return things
    .all('kmsKeyStore')
    .filter(({ value: { backing } }) => backing.type === 'AWS_CLOUDHSM' && backing.clusterId === clusterId)
    .map(({ value }) => value.name);
}

/** Needs the kinds hsmToken and kmsKeyStore. */
export function viewToken(session: Session, { id, value }: Found<'hsmToken'>): Token {
  return {
    id,
    name: value.name,
    module: value.module,
    environment: value.environment,
    label: value.label,
    serial: value.serial,
    clusterId: clusterIdOf(id),
    createdAt: instant(value.createdAt),
    keyStores: keyStoresOn(session.things, id),
    ...(value.nextPin === undefined ? {} : { pinUnsettledSince: instant(value.nextPin.since) }),
    ...(value.keysToDestroy === undefined ? {} : { keysToDestroy: value.keysToDestroy.length }),
    connection: viewConnection(session.tokens.connection(id)),
  };
}

function viewConnection(connection: TokenConnection): Token['connection'] {
  if (connection.state !== 'ready') return connection;
  const { pid, module, facts } = connection;
  return { state: 'ready', pid: pid ?? null, module, facts: facts.token };
}
