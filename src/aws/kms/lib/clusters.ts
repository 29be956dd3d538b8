import { X509Certificate } from 'node:crypto';
import { KeyholdError } from '../../../contract/errors.ts';
import type { TokenFacts } from '../../../core/hsm/pkcs11/protocol.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** Throws IncorrectTrustAnchorException for what is no certificate. A PKCS#11 token shows none of its own that it could be held against. */
export function checkTrustAnchor(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    const message = 'The trust anchor certificate is not an X.509 certificate in PEM form.';
    throw new KmsError('IncorrectTrustAnchorException', message, { cause });
  }
}

/** Throws CloudHsmClusterInUseException when a key store, in any account of this vault, is on the token already. */
export function requireFreeCluster(things: Things, clusterId: string): void {
  const taken = things
    .all('kmsKeyStore')
    .some(({ value: { backing } }) => backing.type === 'AWS_CLOUDHSM' && backing.clusterId === clusterId);
  if (!taken) return;
  const message = `Cluster ${clusterId} is already associated with a custom key store.`;
  throw new KmsError('CloudHsmClusterInUseException', message);
}

/**
 * Logs in to the token that the cluster id stands for, unless its PIN was refused before, and looks whether it can be a key store. Throws CloudHsmClusterNotFoundException,
 * CloudHsmClusterNotActiveException or CloudHsmClusterInvalidConfigurationException.
 */
export async function requireActiveCluster(ctx: OperationContext, clusterId: string): Promise<void> {
  const token = await ctx.session.tokens.byClusterId(clusterId);
  if (token === undefined) {
    const message = `Cluster ${clusterId} is not found. \`keyhold hsm token list\` shows the tokens of this vault.`;
    throw new KmsError('CloudHsmClusterNotFoundException', message);
  }
  const keeper = await ctx.session.tokens.keeper(token.id);
  let facts: TokenFacts;
  try {
    facts = (await keeper.look()).facts.token;
    await keeper.call('selfTest', {});
  } catch (error) {
    throw asClusterError(error);
  }
  if (facts.writeProtected) throw unfit('The token is write-protected, so it takes no new key.');
}

function unfit(message: string): KmsError {
  return new KmsError('CloudHsmClusterInvalidConfigurationException', message);
}

function asClusterError(error: unknown): unknown {
  if (!(error instanceof KeyholdError)) return error;
  switch (error.code) {
    case 'TokenUnavailable':
    case 'Timeout':
      return new KmsError('CloudHsmClusterNotActiveException', error.message);
    case 'TokenPinRefused':
    case 'Unsupported':
    case 'HsmRefused':
      return unfit(error.message);
    default:
      return error;
  }
}
