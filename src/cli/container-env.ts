import { devNull } from 'node:os';
import type { Result } from '../contract/methods.ts';
import { addNoProxy, isLoopback, withoutAws } from './child-env.ts';

type Given = Pick<Result<'leave.container'>, 'url' | 'token' | 'region' | 'output' | 'endpointUrl'> & {
  profile: string;
};

/** What would win over the endpoint, or lead requests to a client key's door. */
export const BEFORE_CONTAINER = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ENDPOINT_URL',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
];

/**
 * The variables that make a tool fetch its credentials at the container endpoint, in the order they are printed. Tools look into their own files first, and a default profile there would
 * win: so the files are put out of the way.
 */
export function containerVariables({
  profile,
  url,
  token,
  region,
  output,
  endpointUrl,
}: Given): Record<string, string> {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...(output === undefined ? {} : { AWS_DEFAULT_OUTPUT: output }),
    // The tool talks to the account's place itself; nothing of the caller's may make it overlook that.
    ...(endpointUrl === undefined
      ? {}
      : { AWS_ENDPOINT_URL: endpointUrl, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' }),
    // Some operations are to have a prefix on their host, which an address of this machine cannot take.
    ...(endpointUrl !== undefined && isLoopback(endpointUrl) ? { AWS_DISABLE_HOST_PREFIX_INJECTION: 'true' } : {}),
    KEYHOLD_PROFILE: profile,
  };
}

/** The environment of `keyhold exec --container`'s child: the caller's without any AWS setting, plus the endpoint. */
export function containerEnv(
  parent: Readonly<Record<string, string | undefined>>,
  given: Given,
): Record<string, string> {
  const env = { ...withoutAws(parent), ...containerVariables(given), AWS_EC2_METADATA_DISABLED: 'true' };
  addNoProxy(env);
  return env;
}
