import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { attributeOf, elementsIn, textOf, verifiedAssertion } from '../saml/xml-signature.ts';
import type { StrictProvider, StrictRole, StrictState } from './state.ts';
import { credentials, durationOf, newSession, required, sessionPolicies, validation } from './sts.ts';
import { answer, Refusal, type Reply } from './xml.ts';

const ACTIONS = ['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'];
const ATTRIBUTES = 'https://aws.amazon.com/SAML/Attributes/';

/** Calls that carry their proof in a parameter and are not signed. */
export const isFederated = (action: string): boolean => ACTIONS.includes(action);

export async function answerFederated(action: string, form: URLSearchParams, state: StrictState): Promise<Reply> {
  const saml = action === 'AssumeRoleWithSAML';
  const roleArn = required(form, 'RoleArn', 'roleArn');
  const seconds = durationOf(form, 3600, 43_200);
  const proven = saml ? await proveSaml(form, roleArn, state) : await proveToken(form, state);
  const role = mayAssume(roleArn, proven.provider, action, state);
  if (seconds > role.maxSessionSeconds) {
    throw validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const { policies, packed } = sessionPolicies(form);
  const { sessionName, sourceIdentity, until, ...more } = proven;
  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`;
  const lasting = Math.min(seconds, until === undefined ? seconds : Math.floor((until - state.now()) / 1000));
  const session = newSession({ seconds: lasting, role: { role, sessionName, arn }, policies, sourceIdentity }, state);
  return answer('sts', action, {
    Credentials: credentials(session),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: arn },
    PackedPolicySize: packed,
    ...more.told,
    SourceIdentity: sourceIdentity,
  });
}

interface Proven {
  provider: StrictProvider;
  sessionName: string;
  sourceIdentity?: string | undefined;
  until?: number | undefined;
  told: Record<string, string>;
}

function mayAssume(roleArn: string, { arn }: StrictProvider, action: string, state: StrictState): StrictRole {
  const role = state.roles.get(roleArn);
  if (role?.principals.includes(arn) === true) return role;
  throw new Refusal(403, 'AccessDenied', `Not authorized to perform sts:${action}`);
}

const invalid = (message: string): Refusal => new Refusal(400, 'InvalidIdentityToken', message);
const expired = (message: string): Refusal => new Refusal(400, 'ExpiredTokenException', message);

async function proveSaml(form: URLSearchParams, roleArn: string, state: StrictState): Promise<Proven> {
  const principalArn = required(form, 'PrincipalArn', 'principalArn');
  const given = required(form, 'SAMLAssertion', 'sAMLAssertion');
  if (given.length > 100_000) throw validation('Member must have length less than or equal to 100000');
  const provider = state.providers.find(({ arn }) => arn === principalArn);
  if (provider?.kind !== 'saml') throw invalid("Specified provider doesn't exist");
  const now = state.now();
  let assertion: ReturnType<typeof verifiedAssertion>;
  try {
    assertion = verifiedAssertion(Buffer.from(given, 'base64').toString('utf8'), provider.publicKey);
  } catch {
    throw invalid('Response signature invalid');
  }
  const all = elementsIn(assertion);
  const one = (local: string) => all.find((element) => element.local === local);
  const time = (local: string, name: string): number => {
    const element = one(local);
    return element === undefined ? Number.NaN : Date.parse(attributeOf(element, name) ?? '');
  };
  const text = (local: string): string => {
    const element = one(local);
    return element === undefined ? '' : textOf(element);
  };
  if (text('Issuer') !== provider.issuer) throw invalid('Issuer not present in specified provider');
  const issued = Date.parse(attributeOf(assertion, 'IssueInstant') ?? '');
  if (!(now < issued + 300_000 && now < time('Conditions', 'NotOnOrAfter'))) {
    throw expired('Token must be redeemed within 5 minutes of issuance');
  }
  if (!(now < time('SubjectConfirmationData', 'NotOnOrAfter'))) throw expired('Token is expired');
  if (text('Audience') !== 'urn:amazon:webservices') throw invalid('Audience is not AWS');
  const data = one('SubjectConfirmationData');
  const recipient = data === undefined ? undefined : attributeOf(data, 'Recipient');
  if (recipient !== 'https://signin.aws.amazon.com/saml') throw invalid('Recipient is not AWS');
  const values = (name: string): string[] =>
    all
      .filter((element) => element.local === 'Attribute' && attributeOf(element, 'Name') === ATTRIBUTES + name)
      .flatMap((element) => elementsIn(element).filter(({ local }) => local === 'AttributeValue'))
      .map(textOf);
  const pairs = values('Role').map((value) =>
    value
      .split(',')
      .map((arn) => arn.trim())
      .sort()
      .join(),
  );
  if (!pairs.includes([roleArn, principalArn].sort().join())) {
    throw new Refusal(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML');
  }
  const [sessionName] = values('RoleSessionName');
  if (sessionName === undefined) throw invalid('RoleSessionName is required in AuthnResponse');
  const until = time('AuthnStatement', 'SessionNotOnOrAfter');
  return {
    provider,
    sessionName,
    sourceIdentity: values('SourceIdentity')[0],
    ...(Number.isNaN(until) ? {} : { until }),
    told: { Subject: text('NameID'), SubjectType: 'persistent', Issuer: provider.issuer, Audience: recipient },
  };
}

async function proveToken(form: URLSearchParams, state: StrictState): Promise<Proven> {
  const sessionName = required(form, 'RoleSessionName', 'roleSessionName');
  const token = required(form, 'WebIdentityToken', 'webIdentityToken');
  if (token.length > 20_000) throw validation('Member must have length less than or equal to 20000');
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (signature === '' || more.length > 0) throw invalid('The ID Token provided is not a valid JWT.');
  const { kid } = partOf(header);
  const claims = partOf(payload);
  const provider = state.providers.find((one) => one.kind === 'oidc' && one.issuer === claims['iss']);
  if (provider?.kind !== 'oidc') {
    throw invalid(`No OpenIDConnect provider found in your account for ${String(claims['iss'])}`);
  }
  const { keys } = await provider.jwks();
  const key = keys.find((one: JsonWebKey) => one['kid'] === kid);
  const signed = Buffer.from(`${header}.${payload}`);
  if (
    key === undefined ||
    !verify('sha256', signed, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'))
  ) {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  const now = Math.floor(state.now() / 1000);
  const { exp, iat, aud } = claims;
  if (typeof exp !== 'number' || exp <= now)
    throw expired('Token expired: current date/time must be before the expiration date/time');
  if (typeof iat !== 'number' || iat > now + 300) throw invalid('Token issued in the future');
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (!audiences.some((one) => provider.audiences.includes(String(one)))) throw invalid('Incorrect token audience');
  return {
    provider,
    sessionName,
    told: {
      SubjectFromWebIdentityToken: String(claims['sub']),
      Provider: provider.arn,
      Audience: audiences.join(),
    },
  };
}

function partOf(encoded: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Said below.
  }
  throw invalid('The ID Token provided is not a valid JWT.');
}
