import { devNull } from 'node:os';

/** What a tool needs to come through the door. */
export interface ChildKey {
  profile: string;
  accessKeyId: string;
  secretAccessKey: string;
  endpoint: string;
  region: string;
  output?: string;
  /** Path of the local CA's certificate, for an https endpoint. */
  caBundlePath?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Variables of other tools that carry or choose AWS credentials. */
const ALSO_STRIPPED = new Set(['AMAZON_ACCESS_KEY_ID', 'AMAZON_SECRET_ACCESS_KEY', 'EC2_ACCESS_KEY', 'EC2_SECRET_KEY']);
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Environment names are case-insensitive on Windows only, but a lower-case twin should not survive anywhere. */
export function isStripped(name: string): boolean {
  const upper = name.toUpperCase();
  return upper.startsWith('AWS_') || ALSO_STRIPPED.has(upper);
}

/** An environment without any AWS setting. */
export function withoutAws(parent: Env): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && !isStripped(name)) env[name] = value;
  }
  return env;
}

/**
 * The environment of `keyhold exec`'s child: the caller's without any AWS setting, plus the client key.
 *
 * The caller's own `~/.aws/config` is put out of the way unless `keepConfig` says otherwise: an `endpoint_url`,
 * `ignore_configured_endpoint_urls` or addressing style in it could lead requests past the door, and a profile in it could
 * bring another identity. For the same reason the machine's metadata service is off: a tool run here is the client key or nobody.
 */
export function childEnv(parent: Env, key: ChildKey, options: { keepConfig?: boolean } = {}): Record<string, string> {
  const env = withoutAws(parent);
  if (options.keepConfig === true) {
    for (const name of ['AWS_CONFIG_FILE', 'AWS_PAGER', 'AWS_CLI_HISTORY_FILE']) {
      const value = parent[name];
      if (value !== undefined) env[name] = value;
    }
  } else env['AWS_CONFIG_FILE'] = devNull;
  Object.assign(env, keyVariables(key));
  env['AWS_EC2_METADATA_DISABLED'] = 'true';
  addNoProxy(env);
  return env;
}

/** The variables that make a tool use the client key, in the order they are printed. */
export function keyVariables(key: ChildKey): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_ENDPOINT_URL: key.endpoint,
    // A setting in ~/.aws/config could otherwise make a tool ignore the endpoint.
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    // Some operations are to have a prefix on their host: data-127.0.0.1 does not exist. The door adds what AWS expects.
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_REGION: key.region,
    AWS_DEFAULT_REGION: key.region,
    ...(key.output === undefined ? {} : { AWS_DEFAULT_OUTPUT: key.output }),
    ...(key.caBundlePath === undefined
      ? {}
      : { AWS_CA_BUNDLE: key.caBundlePath, NODE_EXTRA_CA_CERTS: key.caBundlePath }),
    KEYHOLD_PROFILE: key.profile,
  };
}

/** Whether an endpoint is on this machine. */
export function isLoopback(url: string): boolean {
  return [...LOOPBACK, '[::1]'].includes(new URL(url).hostname);
}

/** With a proxy in the environment, tools would send even loopback requests to it. */
export function addNoProxy(env: Record<string, string>): void {
  const names = Object.keys(env);
  if (!names.some((name) => PROXIES.includes(name.toUpperCase()))) return;
  const before = env['NO_PROXY'] ?? env['no_proxy'] ?? '';
  const list = before
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  for (const host of LOOPBACK) if (!list.includes(host)) list.push(host);
  env['NO_PROXY'] = list.join(',');
  env['no_proxy'] = list.join(',');
}
