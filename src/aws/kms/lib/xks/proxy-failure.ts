import { KmsError, type KmsErrorCode } from '../../../../core/kms/kms-error.ts';
import type { ConnectionError } from '../../../../core/kms/records.ts';

/** What the proxy can answer instead of a result (XKS Proxy API specification, "Error codes"). */
const PROXY_ERRORS = [
  'ValidationException',
  'InvalidStateException',
  'InvalidCiphertextException',
  'InvalidKeyUsageException',
  'AuthenticationFailedException',
  'AccessDeniedException',
  'KeyNotFoundException',
  'InvalidUriPathException',
  'ThrottlingException',
  'UnsupportedOperationException',
  'DependencyTimeoutException',
  'InternalException',
] as const;
type ProxyErrorName = (typeof PROXY_ERRORS)[number];

/** `malformed`: no answer that the specification knows; `foreign`: a plaintext that is not what was encrypted; `unavailable`: no key manager is. */
export type Trouble = ProxyErrorName | 'unreachable' | 'tls' | 'timeout' | 'malformed' | 'foreign' | 'unavailable';

export function proxyErrorNamed(name: unknown): ProxyErrorName | undefined {
  return PROXY_ERRORS.find((one) => one === name);
}

/** A call to an external key store proxy that gave no result. `detail` is for the log: AWS does not show what a proxy says either. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  readonly trouble: Trouble;

  constructor(trouble: Trouble, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.trouble = trouble;
  }
}

interface Words {
  text: string;
  /** What CreateCustomKeyStore and UpdateCustomKeyStore answer, what CreateKey answers, and why a store could not be connected. */
  store: KmsErrorCode;
  key: KmsErrorCode;
  connection: ConnectionError;
}

const UNREADABLE =
  'AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.';
const NO_MANAGER =
  'The external key store proxy rejected the request because it cannot communicate with the external key manager. Verify that the external key store proxy configuration is correct and that the external key manager is available.';

/** The specification's table of exceptions and their texts; where it has no row for an operation, the nearest one. */
const WORDS: Readonly<Record<Trouble, Words>> = {
  ValidationException: {
    text: UNREADABLE,
    store: 'XksProxyInvalidResponseException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
  InvalidStateException: {
    text: 'The external key associated with this KMS key in an external key store is not enabled in the external key manager. Enable the external key in the external key manager and retry the request.',
    store: 'XksProxyUriUnreachableException',
    key: 'XksKeyInvalidConfigurationException',
    connection: 'XKS_PROXY_NOT_REACHABLE',
  },
  InvalidCiphertextException: {
    text: 'The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid.',
    store: 'XksProxyInvalidResponseException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
  foreign: {
    text: 'The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is corrupted, missing, or otherwise invalid.',
    store: 'XksProxyInvalidResponseException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
  InvalidKeyUsageException: {
    text: 'The external key associated with this KMS key in an external key store does not support the requested operation. Enable the operation on the key in your external key manager, and try the request again.',
    store: 'XksProxyInvalidResponseException',
    key: 'XksKeyInvalidConfigurationException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
  AuthenticationFailedException: {
    text: 'The external key store proxy rejected the request because it could not authenticate AWS KMS. Verify the XKS proxy authentication credentials for your external key store and update if necessary.',
    store: 'XksProxyIncorrectAuthenticationCredentialException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'INVALID_CREDENTIALS',
  },
  AccessDeniedException: {
    text: 'The external key store proxy denied access to the operation. Verify that the user and the external key are both authorized for this operation, and try the request again.',
    store: 'XksProxyInvalidConfigurationException',
    key: 'KMSInvalidStateException',
    connection: 'XKS_PROXY_ACCESS_DENIED',
  },
  KeyNotFoundException: {
    text: 'The external key associated with this KMS key in an external key store was not found in its external key manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key with the correct external key ID.',
    store: 'XksProxyInvalidResponseException',
    key: 'XksKeyNotFoundException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
  InvalidUriPathException: {
    text: 'The external key store proxy rejected the request because of an invalid URI path. Verify the URI path for your external key store and update if necessary.',
    store: 'XksProxyInvalidConfigurationException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_CONFIGURATION',
  },
  UnsupportedOperationException: {
    text: 'The external key store proxy rejected the request because it does not support the requested operation. If you see this error repeatedly, report it to your external key store proxy administrator.',
    store: 'XksProxyInvalidResponseException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
  DependencyTimeoutException: {
    text: 'The external key store proxy did not respond to the request in the time allotted. Retry the request. If you see this error repeatedly, report it to your external key store proxy administrator.',
    store: 'XksProxyUriUnreachableException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_TIMED_OUT',
  },
  ThrottlingException: {
    text: 'The external key store proxy rejected the request due to a very high request rate. Reduce the frequency of your calls using KMS keys in this external key store.',
    store: 'XksProxyUriUnreachableException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_NOT_REACHABLE',
  },
  InternalException: {
    text: NO_MANAGER,
    store: 'XksProxyInvalidResponseException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_NOT_REACHABLE',
  },
  unavailable: {
    text: NO_MANAGER,
    store: 'XksProxyUriUnreachableException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_NOT_REACHABLE',
  },
  unreachable: {
    text: 'AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If you see this error repeatedly, verify that your external key store proxy is active and is connected to the network, and that its endpoint URI is correct in your external key store.',
    store: 'XksProxyUriUnreachableException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_NOT_REACHABLE',
  },
  tls: {
    text: 'AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS configuration, including its certificate.',
    store: 'XksProxyUriUnreachableException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_TLS_CONFIGURATION',
  },
  timeout: {
    text: 'AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the request. If you see this error repeatedly, report it to your external key store proxy administrator.',
    store: 'XksProxyUriUnreachableException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_TIMED_OUT',
  },
  malformed: {
    text: UNREADABLE,
    store: 'XksProxyInvalidResponseException',
    key: 'CustomKeyStoreInvalidStateException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
  },
};

export function connectionErrorOf({ trouble }: ProxyFailure): ConnectionError {
  return WORDS[trouble].connection;
}

/** The failure as the operation answers it; anything else stays what it is. Cryptographic operations have one exception for all of them. */
export function asProxyError(error: unknown, asked: 'store' | 'key' | 'use'): unknown {
  if (!(error instanceof ProxyFailure)) return error;
  const words = WORDS[error.trouble];
  return new KmsError(asked === 'use' ? 'KMSInvalidStateException' : words[asked], words.text);
}
