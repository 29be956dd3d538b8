import {
  ALGORITHM_V4,
  type Authorization,
  type DeclaredPayload,
  declaredPayload,
  parseAuthorization,
  SigV4Error,
} from '../../core/sigv4/index.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError, fromSigV4Error } from '../protocol/aws-error.ts';
import { detectDialect } from '../protocol/dialect.ts';

/** Who a request says it is from. Nothing of it is proved yet. */
export interface Claim {
  authorization: Authorization;
  payload: DeclaredPayload;
}

const CREDENTIAL =
  /\bCredential=[^\s,/%&]*(?:\/|%2F)\d{8}(?:\/|%2F)(?:[^\s,/%&]*(?:\/|%2F))?([A-Za-z0-9._-]{1,64})(?:\/|%2F)aws4_request\b/i;

/** The service that a signature of the wrong form names all the same. Only decides how the refusal is written. */
function serviceNamed(x: Exchange): string | undefined {
  return CREDENTIAL.exec(x.header('authorization') ?? x.wire.query)?.[1];
}

/**
 * Reads the signature, from the Authorization header or a presigned query.
 * @throws AwsError `MissingAuthenticationToken`, `IncompleteSignature`, `MalformedRequest`, `NotSupported`
 */
export function readClaim(x: Exchange): Claim {
  try {
    const authorization = parseAuthorization(x.wire);
    x.audit.clientKeyId = authorization.accessKeyId;
    x.audit.service = authorization.scope.service;
    x.dialect = detectDialect({ header: x.header, query: x.wire.query, service: authorization.scope.service });
    x.audit.region =
      authorization.algorithm === ALGORITHM_V4 ? authorization.scope.region : authorization.regionSet.join(',');
    return { authorization, payload: declaredPayload(x.wire, authorization) };
  } catch (error) {
    if (!(error instanceof SigV4Error)) throw error;
    x.dialect = detectDialect({ header: x.header, query: x.wire.query, service: serviceNamed(x) });
    if (error.code === 'MissingAuthenticationToken') {
      throw new AwsError(
        'MissingAuthenticationToken',
        'The request is not signed. Run your tool through `keyhold exec PROFILE -- COMMAND`.',
        { cause: error },
      );
    }
    throw fromSigV4Error(error);
  }
}
